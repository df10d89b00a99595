"""The outcome of each answer at each endpoint, and what of the answer is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import responses

from procedures.domain.api_outcome import ApiOutcome
from procedures.http.policy_api import PolicyApi
from tests.unit.procedures.answers.real_answers import CREATE, POLICY, POLL, TRIGGER, Given
from tests.unit.procedures.builders import BASE, make_settings
from tests.unit.project.test_settings import specs


def _shown(given: Given) -> str:
    return f"{given.status} {given.body[:60]} {given.headers or ''}".strip()


@pytest.fixture
def api() -> Iterator[PolicyApi]:
    """Give a client with the words of the project's vars, and without retries."""
    words = {
        name: tuple(specs()[f"policy_{name}"]["default"])
        for name in ("success_statuses", "failure_statuses", "confirmed_statuses")
    }
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        client = PolicyApi(make_settings(**words))
        client.mocked = mocked  # type: ignore[attr-defined]
        yield client


def _answer(api: PolicyApi, method: str, path: str, given: Given) -> None:
    api.mocked.add(  # type: ignore[attr-defined]
        method,
        f"{BASE}/{path}",
        body=given.body,
        status=given.status,
        headers=given.headers,
        content_type="application/json",
    )


def _check(given: Given, outcome: ApiOutcome) -> None:
    assert outcome.kind == given.kind, outcome
    assert outcome.http_status == given.status
    assert outcome.requests_sent == 1
    kept = json.dumps(outcome.response, ensure_ascii=False, allow_nan=False)
    assert json.loads(kept.encode()) == outcome.response
    assert outcome.message
    assert outcome.message.isprintable()


@pytest.mark.parametrize("given", TRIGGER, ids=_shown)
def test_a_trigger_is_confirmed_by_what_says_so(api: PolicyApi, given: Given) -> None:
    """2xx confirms unless something in the answer says otherwise, or is about another policy."""
    _answer(api, "POST", "circuit", given)
    outcome = api.trigger_circuit_breaker("e1", "pol-1", "x")
    _check(given, outcome)
    assert (outcome.error_class is None) is (given.kind == "triggered")


@pytest.mark.parametrize("given", POLL, ids=_shown)
def test_a_poll_is_ready_when_all_of_it_says_so(api: PolicyApi, given: Given) -> None:
    """A policy is ready when every status is in the list and nothing contradicts it."""
    _answer(api, "GET", "policy/pol-1", given)
    _check(given, api.poll_policy_status("pol-1"))


@pytest.mark.parametrize("given", CREATE, ids=_shown)
def test_a_policy_is_created_when_the_answer_names_it(api: PolicyApi, given: Given) -> None:
    """A policy_id (or id) counts unless the answer says no; what no table can hold is mended."""
    _answer(api, "POST", "createpolicy", given)
    outcome = api.create_policy("e1", POLICY)
    _check(given, outcome)
    assert outcome.policy_id == given.policy_id


def test_a_long_answer_is_kept_in_part(api: PolicyApi) -> None:
    """Of an answer too long for a statement, the beginning and the API's own id are kept."""
    body = json.dumps({"execution_id": "x-1", "policy_id": "p", "list": ["é"] * 100_000})
    _answer(api, "POST", "createpolicy", Given(body, "created"))
    outcome = api.create_policy("e1", POLICY)
    assert outcome.policy_id == "p"
    assert outcome.response is not None
    assert outcome.response["execution_id"] == "x-1"
    assert len(outcome.response["body"]) == 2000
