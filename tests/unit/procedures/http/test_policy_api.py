"""The HTTP client against a mocked API: what each answer means, and what is never invented."""

from __future__ import annotations

import json
import sys
import types

import pytest
import requests
import responses
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.common.redaction import REDACTED
from procedures.description.description import read_description
from procedures.http.credentials import read_credentials
from procedures.http.policy_api import PolicyApi
from tests.unit.procedures.builders import BASE, make_api_with_secret, make_settings


@pytest.fixture
def api() -> PolicyApi:
    """Give a client without retries."""
    return PolicyApi(make_settings())


@responses.activate
def test_create_sends_the_policy_as_given_with_its_idempotency_key(api: PolicyApi) -> None:
    """The request body is the policy, nothing added; the key is execution and step."""
    policy = {"policy_name": 'a "quoted" \\ name', "emoji": "🙂\u2028", "parameters": {"n": 1.5}}
    responses.post(f"{BASE}/createpolicy", json={"policy_id": "p1"})
    outcome = api.create_policy("e1", policy)
    sent = responses.calls[0].request
    assert outcome.kind == "created"
    assert outcome.policy_id == "p1"
    assert json.loads(sent.body or "") == policy
    assert sent.headers["Idempotency-Key"] == "e1:create_policy"
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"policy_id": "p1"}', "p1"),
        ('{"id": "p2"}', "p2"),
        ('{"policy_id": 17}', "17"),
        ('{"policy_id": ""}', None),
        ('{"policy_id": null}', None),
        ('{"policy_id": true}', None),
        ('{"policy_id": ["p"]}', None),
        ('{"policy_id": ".."}', None),
        ('{"policy_id": "' + "x" * 10_000 + '"}', None),
        ("{}", None),
        ("[]", None),
        ("null", None),
        ("17", None),
        ("", None),
        ("<html>OK</html>", None),
        ('{"policy_id": "p1"', None),
        ('{"policy_id": "p1", "policy_id": "p2"}', None),
        ('{"policy_id": "p1", "n": NaN}', None),
    ],
)
def test_a_policy_id_is_read_and_never_made_up(
    api: PolicyApi, body: str, expected: str | None
) -> None:
    """Only a JSON object with a non-empty policy_id (or id) counts as a created policy."""
    responses.post(f"{BASE}/createpolicy", body=body)
    outcome = api.create_policy("e1", {"a": 1})
    assert outcome.policy_id == expected
    assert (outcome.kind == "created") is (expected is not None)
    assert isinstance(outcome.response, dict)


@responses.activate
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"status": "success"}', "ready"),
        ('{"status": "READY"}', "ready"),
        ('{"status": "Active"}', "ready"),
        ('{"status": "completed"}', "ready"),
        ('{"status": "failed"}', "failed"),
        ('{"status": "pending"}', "not_ready"),
        ('{"status": "succeeded-ish"}', "not_ready"),
        ('{"status": true}', "not_ready"),
        ("{}", "not_ready"),
        ("<html>success</html>", "not_ready"),
        ("", "not_ready"),
    ],
)
def test_a_status_is_ready_only_when_the_list_says_so(api: PolicyApi, body: str, kind: str) -> None:
    """A poll is ready or failed by the lists, without case; anything else is not ready yet."""
    responses.get(f"{BASE}/policy/p1", body=body)
    assert api.poll_policy_status("p1").kind == kind


@responses.activate
@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, '{"ok": true}', "triggered"),
        (200, "", "triggered"),
        (204, "", "triggered"),
        (200, "<html>OK</html>", "unreadable"),
        (200, "[]", "unreadable"),
        (200, '{"status": "failed"}', "failed"),
        (200, '{"success": false}', "failed"),
        (200, '{"error": "no"}', "failed"),
        (400, '{"ok": true}', "rejected"),
        (429, "", "unavailable"),
        (500, "", "unknown"),
        (503, "", "unavailable"),
        (301, "", "rejected"),
    ],
)
def test_a_circuit_breaker_is_confirmed_only_by_the_api(
    api: PolicyApi, status: int, body: str, kind: str
) -> None:
    """Only a 2xx whose body is empty, or is JSON that does not say failure, confirms."""
    responses.post(f"{BASE}/circuit", status=status, body=body)
    outcome = api.trigger_circuit_breaker("e1", "p1", "api-e1")
    assert outcome.kind == kind
    assert (outcome.error_class is None) is (kind == "triggered")


@responses.activate
def test_the_circuit_request_carries_the_three_fields(api: PolicyApi) -> None:
    """POST /circuit sends policy_id, the API's execution_id and trigger_reason, nothing else."""
    responses.post(f"{BASE}/circuit", json={})
    api.trigger_circuit_breaker("e1", "p1", "api-e1")
    assert json.loads(responses.calls[0].request.body or "") == {
        "policy_id": "p1",
        "execution_id": "api-e1",
        "trigger_reason": "because",
    }


@responses.activate
@settings(deadline=None)
@given(policy_id=st.text(min_size=1, max_size=50).filter(lambda t: t not in {".", ".."}))
def test_a_policy_id_stays_one_segment_of_the_path(policy_id: str) -> None:
    """Slashes, question marks and the like in a policy_id never lead to another path."""
    try:
        policy_id.encode()
    except UnicodeEncodeError:
        return
    responses.add_callback(
        responses.GET,
        url=__import__("re").compile(r".*"),
        callback=lambda request: (200, {}, json.dumps({"status": "x", "path": request.url})),
    )
    outcome = PolicyApi(make_settings()).poll_policy_status(policy_id)
    path = (outcome.response or {})["path"].removeprefix(f"{BASE}/policy/")
    assert not set(path) & set('/?#"\\ ')


@responses.activate
def test_a_post_that_may_have_been_processed_is_not_sent_again() -> None:
    """After a 500 or a broken connection the outcome is unknown, and one request was sent."""
    api = PolicyApi(make_settings(max_retries=3))
    responses.post(f"{BASE}/createpolicy", status=500)
    assert api.create_policy("e1", {"a": 1}).kind == "unknown"
    assert len(responses.calls) == 1
    responses.reset()
    responses.post(
        f"{BASE}/createpolicy", body=requests.exceptions.ConnectionError("Connection aborted.")
    )
    outcome = api.create_policy("e1", {"a": 1})
    assert outcome.kind == "unknown"
    assert "unknown" in outcome.message


@responses.activate
def test_a_long_body_is_not_kept() -> None:
    """Of a body that is not JSON, 2,000 characters are kept, with its status and content type."""
    responses.post(f"{BASE}/createpolicy", body="x" * 5000, content_type="text/plain")
    kept = PolicyApi(make_settings()).create_policy("e1", {"a": 1}).response or {}
    assert kept["http_status"] == 200
    assert kept["content_type"] == "text/plain"
    assert len(kept["body"]) == 2000


@responses.activate
def test_a_body_over_one_mebibyte_is_refused() -> None:
    """A body is read up to 1 MiB; a longer answer to a create request is an unknown outcome."""
    responses.post(f"{BASE}/createpolicy", body="x" * (1024 * 1024 + 1))
    assert PolicyApi(make_settings()).create_policy("e1", {"a": 1}).kind == "unknown"


@responses.activate
def test_the_token_reaches_the_api_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret is sent in the header and redacted where the API echoes it."""
    module = types.SimpleNamespace(get_generic_secret_string=lambda alias: "s3cr3t-" + alias)
    monkeypatch.setitem(sys.modules, "_snowflake", module)
    settings = make_settings(api=make_api_with_secret())
    token = "s3cr3t-policy_api_secret"
    responses.post(f"{BASE}/createpolicy", json={"policy_id": "p", "echo": f"Bearer {token}"})
    outcome = PolicyApi(settings, read_credentials(read_description(settings.api))).create_policy(
        "e1", {"a": 1}
    )
    assert responses.calls[0].request.headers["Authorization"] == f"Bearer {token}"
    assert token not in json.dumps(outcome.response)
    assert REDACTED in json.dumps(outcome.response)


@pytest.mark.parametrize(
    ("kind", "header", "secrets"),
    [
        ("generic_string", "Bearer t-1", ("t-1",)),
        ("oauth2", "Bearer o-1", ("o-1",)),
        ("password", "Basic dTpwOnc=", ("dTpwOnc=", "p:w")),
    ],
)
def test_each_kind_of_secret_makes_its_header(
    monkeypatch: pytest.MonkeyPatch, kind: str, header: str, secrets: tuple[str, ...]
) -> None:
    """generic_string and oauth2 as they are, password as basic authentication (RFC 7617)."""
    module = types.SimpleNamespace(
        get_generic_secret_string=lambda _: " t-1\n",
        get_oauth_access_token=lambda _: "o-1",
        get_username_password=lambda _: types.SimpleNamespace(username="u", password="p:w"),
    )
    monkeypatch.setitem(sys.modules, "_snowflake", module)
    api = make_api_with_secret(kind)
    read = read_credentials(read_description(api))
    client = PolicyApi(make_settings(api=api), read)
    sent = client.prepared(client.polling("p")).headers
    assert (sent["Authorization"], read.secrets) == (header, secrets)
