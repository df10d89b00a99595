"""The local policy API: its endpoints, the behaviours to order, and the journal."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests
import yaml

from local_stack.policy_api import PolicyApi
from local_stack.policy_api.server import DESCRIPTION


@pytest.fixture
def api() -> Iterator[PolicyApi]:
    """Run an API of its own."""
    with PolicyApi() as running:
        yield running


def _create(api: PolicyApi, key: str | None = None, name: str = "n") -> requests.Response:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"policy_name": name}
    return requests.post(f"{api.base_url}/createpolicy", json=body, headers=headers, timeout=5)


def test_a_policy_goes_through_its_life(api: PolicyApi) -> None:
    """Create, pending, ready, circuit breaker."""
    policy_id = _create(api).json()["policy_id"]
    url = f"{api.base_url}/policy/{policy_id}"
    assert [requests.get(url, timeout=5).json()["status"] for _ in range(3)] == [
        "pending",
        "ready",
        "ready",
    ]
    request = {"policy_id": policy_id, "execution_id": "e", "trigger_reason": "r"}
    answer = requests.post(f"{api.base_url}/circuit", json=request, timeout=5)
    assert answer.status_code == 200
    assert len(api.policies.effects()[0]["circuit_breakers"]) == 1


def test_bad_requests_are_refused(api: PolicyApi) -> None:
    """No object, no such policy, missing fields, and a policy that is not ready."""
    base = api.base_url
    assert requests.post(f"{base}/createpolicy", json=[1], timeout=5).status_code == 400
    assert requests.get(f"{base}/policy/none", timeout=5).status_code == 404
    assert requests.post(f"{base}/circuit", json={}, timeout=5).status_code == 400
    policy_id = _create(api).json()["policy_id"]
    request = {"policy_id": policy_id, "execution_id": "e", "trigger_reason": "r"}
    assert requests.post(f"{base}/circuit", json=request, timeout=5).status_code == 409


@pytest.mark.parametrize(("honoured", "policies"), [(True, 1), (False, 2)])
def test_idempotency_keys(honoured: bool, policies: int) -> None:
    """The same key twice is one policy where keys are honoured, two where they are not."""
    with PolicyApi(honour_idempotency_keys=honoured) as api:
        first, second = _create(api, "k"), _create(api, "k")
        assert (first.json() == second.json()) is honoured
        assert len(api.policies.effects()) == policies
        assert _create(api, "k", "other").status_code == (422 if honoured else 200)


def test_behaviours_are_ordered_per_policy_and_limited(api: PolicyApi) -> None:
    """An order for one policy leaves the others alone, and ends after its number of times."""
    orders = [{"policy_name": "bad", "endpoint": "create", "http_status": 503, "times": 1}]
    assert requests.put(f"{api.base_url}/_control/behaviours", json=orders, timeout=5).ok
    assert _create(api, name="good").status_code == 200
    assert _create(api, name="bad").status_code == 503
    assert _create(api, name="bad").status_code == 200
    wrong = requests.put(f"{api.base_url}/_control/behaviours", json=[{"x": 1}], timeout=5)
    assert wrong.status_code == 400


@pytest.mark.parametrize("when", ["before", "during"])
def test_connections_are_reset(api: PolicyApi, when: str) -> None:
    """A reset ends the connection without a complete answer, though the policy was created."""
    api.order(endpoint="create", reset=when)
    with pytest.raises(requests.exceptions.RequestException):
        _create(api)
    assert len(api.policies.effects()) == 1


def test_the_journal_holds_headers_and_bodies(api: PolicyApi) -> None:
    """Every request is in the journal, as it came."""
    _create(api, "k")
    entry = requests.get(f"{api.base_url}/_control/journal", timeout=5).json()[0]
    assert entry["json"] == {"policy_name": "n"}
    assert entry["headers"]["idempotency-key"] == "k"
    assert (entry["endpoint"], entry["status"], entry["effect"]) == ("create", 200, True)


def test_the_description_lists_every_route(api: PolicyApi) -> None:
    """The OpenAPI file and the routes are the same."""
    described = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))["paths"]
    routes = {
        (route.path.replace(":path", ""), method)  # type: ignore[attr-defined]
        for route in api._application().routes
        for method in route.methods - {"HEAD"}  # type: ignore[attr-defined]
    }
    assert routes == {(path, m.upper()) for path, methods in described.items() for m in methods}
    assert requests.get(f"{api.base_url}/openapi.json", timeout=5).json()["paths"] == described


def test_control_forgets_everything(api: PolicyApi) -> None:
    """Orders, policies, kept answers, settings and the journal are as at the start."""
    control = f"{api.base_url}/_control"
    assert requests.put(
        f"{control}/settings", json={"honour_idempotency_keys": False}, timeout=5
    ).ok
    first = _create(api, "k").json()
    assert _create(api, "k").json() != first
    api.order(endpoint="create", http_status=503)
    answer = requests.delete(f"{control}/all", timeout=5)
    assert answer.json() == {"honour_idempotency_keys": True}
    assert requests.get(f"{control}/policies", timeout=5).json() == []
    assert requests.get(f"{control}/journal", timeout=5).json() == []
    assert _create(api, "k").json() not in (first, None)
    assert _create(api, "k").json() == _create(api, "k").json()


@pytest.mark.parametrize("body", ["x", "[]", "{}", '{"honour_idempotency_keys": 1}'])
def test_a_bad_setting_is_refused(api: PolicyApi, body: str) -> None:
    """What is no boolean changes nothing."""
    answer = requests.put(f"{api.base_url}/_control/settings", data=body, timeout=5)
    assert answer.status_code == 400
    assert api.honour_idempotency_keys


def test_a_body_that_is_no_text_can_be_read_in_the_journal(api: PolicyApi) -> None:
    """Half of a pair in a JSON text comes back as it came."""
    body = '{"policy_name": "\\ud83d"}'
    assert requests.post(f"{api.base_url}/createpolicy", data=body, timeout=5).ok
    (entry,) = requests.get(f"{api.base_url}/_control/journal", timeout=5).json()
    assert (entry["body"], entry["json"]) == (body, json.loads(body))


CONTROLS = [
    (method.upper(), path)
    for path, methods in yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))["paths"].items()
    for method in methods
    if path.startswith("/_control/")
]


@pytest.mark.parametrize(("method", "path"), CONTROLS)
def test_control_asks_for_the_token_where_there_is_one(method: str, path: str) -> None:
    """Without it, or with another, nothing is answered but a refusal; the three endpoints work."""
    with PolicyApi(control_token="t-1") as api:
        for headers in ({}, {"Authorization": "Bearer t-2"}, {"Authorization": "t-1 "}):
            url = f"{api.base_url}{path}"
            assert requests.request(method, url, headers=headers, timeout=5).status_code == 401
        good = {"Authorization": "Bearer t-1"}
        answer = requests.request(method, f"{api.base_url}{path}", headers=good, timeout=5)
        assert answer.status_code in (200, 400)
        assert _create(api).ok
