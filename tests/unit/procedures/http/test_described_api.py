"""What the client does at an API that is described otherwise than the sample API."""

from __future__ import annotations

import json
from typing import Any

import pytest
import responses

from procedures.domain.api_outcome import ApiOutcome
from procedures.http.policy_api import PolicyApi
from tests.unit.procedures.builders import BASE, make_api, make_settings

ITEMS = f"{BASE}/items"


def _api(max_retries: int = 0, deadline: float = 2, **described: Any) -> PolicyApi:
    api = make_api(**described)
    return PolicyApi(
        make_settings(api=api, max_retries=max_retries, step_deadline_seconds=deadline)
    )


def _find(**more: Any) -> dict[str, Any]:
    return {
        "method": "GET", "url": f"{ITEMS}?key={{execution_id}}", "body": None, "busy": [],
        "id": "/items/0/id", "absent": [], "again_after_seconds": 0, **more,
    }  # fmt: skip


def _created(*, at: str | None, again: bool = False, **answer: Any) -> ApiOutcome:
    with responses.RequestsMock() as mocked:
        mocked.post(f"{BASE}/createpolicy", **answer)
        api = _api(create={"id": at, "already": [409] if again else []})
        return api.create_policy("e", "{}", was_sent_before=again)


@pytest.mark.parametrize(
    ("at", "answer", "policy_id"),
    [
        ("/data/policy/id", {"json": {"data": {"policy": {"id": 42}}}, "status": 201}, "42"),
        ("/a~1b/1", {"json": {"a/b": ["x", "y"]}}, "y"),
        ("header:X-Soda-Scan-Id", {"body": "", "headers": {"x-soda-scan-id": "s-1"}}, "s-1"),
        (
            "location",
            {"status": 202, "body": "", "headers": {"Location": "/v1/p/a%20b/?x=1"}},
            "a b",
        ),
        (
            "location",
            {"status": 201, "body": "done", "headers": {"Location": "https://h/p/7"}},
            "7",
        ),
        ("/body/id", {"json": {"statusCode": 200, "body": '{"id": "aws"}'}}, "aws"),
        (
            "header:Operation-Location",
            {
                "status": 202,
                "body": "",
                "headers": {"Operation-Location": "https://h/ops/op-1?api-version=2026-01-01"},
            },
            "op-1",
        ),
        ("header:X-Id", {"body": "", "headers": {"X-Id": "a/b"}}, "a/b"),
    ],
)
def test_the_id_is_read_where_the_description_says(
    at: str, answer: dict[str, Any], policy_id: str
) -> None:
    """A JSON Pointer, a header, or the last segment of the Location header."""
    outcome = _created(at=at, **answer)
    assert (outcome.kind, outcome.policy_id) == ("created", policy_id)


@pytest.mark.parametrize(
    ("location", "policy_id"),
    [
        ("/policies/42", "42"),
        ("https://h.example/v1/policies/42/", "42"),
        ("/v1/policies/a%20b?view=full", "a b"),
        ("/operations/op-7?view=full", "op-7"),
        ("/policies/42?id=42", "42"),
        ("/policies/42#top", "42"),
        ("/policies/id%3D42", "id=42"),
        ("/policies/Zm9v=", "Zm9v="),
        ("42", "42"),
        ("/policies?id=42", None),
        ("/policies/?id=42", None),
        ("/v1/policies?policyId=42", None),
        ("/operations?operation=op-7", None),
        ("/operations?operation_uuid=op-7", None),
        ("/policies/42?id=43", None),
        ("/policies", None),
        ("/Policies/", None),
        ("/createpolicy?42", None),
        ("/policies#42", None),
        ("/app#/policies/42", None),
        ("/policies;id=42", None),
        ("/policies(42)", None),
        ("/policies/id=42", None),
        ("/jobs/42/status", None),
        ("/jobs/0d9c2e1a-00/result", None),
        ("/jobs/42/monitor", None),
        ("/policies/status", None),
        ("/v2/alpha", "alpha"),
        ("/jobs/42/runs/7", "7"),
        ("?id=42", None),
        ("/", None),
        ("https://h.example", None),
        ("https://[h/1", None),
    ],
)
def test_an_id_is_taken_from_a_location_where_it_is_clear(
    location: str, policy_id: str | None
) -> None:
    """A segment is the id only where nothing else in the Location may be the id."""
    with responses.RequestsMock() as mocked:
        mocked.post(f"{BASE}/createpolicy", status=201, headers={"Location": location})
        api = _api(create={"id": "location"}, poll={"url": f"{BASE}/policies/{{policy_id}}/status"})
        outcome = api.create_policy("e", "{}")
    assert outcome.policy_id == policy_id
    if policy_id is None:
        assert (outcome.kind, outcome.error_class) == ("unreadable", "UnreadableAnswer")
        assert "which part of the location is the policy_id" in outcome.message


def test_a_find_takes_no_unclear_location() -> None:
    """A find whose Location names the collection says neither that the policy is there nor not."""
    with responses.RequestsMock() as mocked:
        mocked.get(f"{ITEMS}?key=e", status=200, headers={"Location": "/items?id=7"}, json={})
        outcome = _api(find=_find(id="location")).find_policy("e", "{}")
    assert (outcome.kind, outcome.policy_id) == ("unreadable", None)


@pytest.mark.parametrize(
    ("at", "answer", "error_class"),
    [
        ("/id", {"json": {"policy_id": "elsewhere"}}, "MissingPolicyId"),
        ("/id", {"json": {"id": {"no": "id"}}}, "MissingPolicyId"),
        ("/id", {"json": {"id": None}}, "MissingPolicyId"),
        ("/id", {"json": {"id": ".."}}, "InvalidPolicyId"),
        ("/id", {"json": {"id": 1, "errors": [{"message": "no"}]}}, "CreateRefused"),
        ("location", {"status": 202, "body": ""}, "MissingPolicyId"),
        ("header:X-Id", {"json": {"id": 1}}, "MissingPolicyId"),
        ("/id", {"body": "", "status": 202}, "UnreadableAnswer"),
        ("location", {"status": 200, "headers": {"Location": "/login"}}, "MissingPolicyId"),
    ],
)
def test_no_id_is_invented(at: str, answer: dict[str, Any], error_class: str) -> None:
    """Nothing but the named place counts, and an answer that says no is no creation."""
    outcome = _created(at=at, **answer)
    assert (outcome.kind in ("unreadable", "rejected"), outcome.error_class) == (True, error_class)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "NOT_STARTED"},
        {"state": "Not Started"},
        {"state": "WAITING", "result": "NOT_SET"},
        {"reviewStatus": "not-reviewed"},
        {"status": "UNKNOWN"},
        {"status": "blocked"},
        {"status": "NOT_AVAILABLE_YET"},
        {"status": "no error"},
        {"data": {"status": 1, "is_success": False, "is_complete": False, "isOk": False}},
    ],
    ids=str,
)
def test_a_policy_that_has_not_begun_is_created(answer: dict[str, Any]) -> None:
    """What an answer says of a new policy's progress is no refusal of the request."""
    outcome = _created(at="/id", json={"id": 7, **answer}, status=201)
    assert (outcome.kind, outcome.policy_id) == ("created", "7")


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "fail"},
        {"status": "CREATE_FAILED"},
        {"status": "CreateFailed"},
        {"status": "NotAuthorized"},
        {"status": "policy_already_exists"},
        {"status": "duplicate"},
        {"status": "request_denied"},
        {"state": "ValidationError"},
        {"result": "cannot_create"},
        {"isAccepted": False},
        {"is_created": False},
        {"requestSucceeded": False},
        {"status": "not_found"},
        {"state": "NOT AUTHORIZED"},
        {"result": "already_exists"},
        {"success": False, "status": "NOT_STARTED"},
        {"ok": False},
        {"code": 403},
        {"error": "NOT_STARTED"},
        {"error": {"code": "ok", "message": "quota exceeded", "log_id": "x"}},
    ],
    ids=str,
)
def test_a_request_that_was_refused_creates_nothing(answer: dict[str, Any]) -> None:
    """What an answer says of the request counts also beside a named id."""
    outcome = _created(at="/id", json={"id": 7, **answer})
    assert (outcome.kind, outcome.policy_id) == ("rejected", None)


def test_an_error_whose_code_says_ok_is_none() -> None:
    """Some APIs put an object with the code of success, and an id of the log, under `error`."""
    said = {"error": {"code": "ok", "message": "", "log_id": "2026-x"}}
    assert _created(at="/id", json={"id": 7, **said}).policy_id == "7"


@pytest.mark.parametrize(
    ("status_at", "answer", "kind"),
    [
        (["/result/state"], {"result": {"state": "Success"}}, "ready"),
        (["/result/state"], {"result": {"state": "running"}}, "not_ready"),
        (["/result/state"], {"result": {"state": "FAILED"}}, "failed"),
        (["/result/state"], {"status": "success"}, "not_ready"),
        (["/result/state"], {"result": {"state": "success"}, "status": "pending"}, "ready"),
        (["/result/state"], {"result": {"state": "success"}, "errors": [{"m": 1}]}, "not_ready"),
        (["/result/state"], {"result": {"state": None}}, "not_ready"),
        (["/result/state"], {"result": {"state": {"success": 1}}}, "not_ready"),
        (["/a", "/b"], {"a": "success", "b": "success"}, "ready"),
        (["/a", "/b"], {"a": "success", "b": "running"}, "not_ready"),
        (["/a", "/b"], {"a": "running", "b": "failed"}, "failed"),
    ],
)
def test_the_status_is_read_where_the_description_says(
    status_at: list[str], answer: dict[str, Any], kind: str
) -> None:
    """Ready needs a word of success at every named place, and no error beside it."""
    with responses.RequestsMock() as mocked:
        mocked.get(f"{BASE}/policy/p", json=answer)
        assert _api(poll={"status": status_at}).poll_policy_status("p").kind == kind


def test_a_poll_with_202_is_not_finished() -> None:
    """202 says that the rest comes later, whatever stands at the named place."""
    with responses.RequestsMock() as mocked:
        mocked.get(f"{BASE}/policy/p", json={"s": "success"}, status=202)
        outcome = _api(poll={"status": ["/s"]}).poll_policy_status("p")
    assert (outcome.kind, outcome.error_class) == ("not_ready", "StatusContradicted")


def test_an_answer_about_another_policy_does_not_count() -> None:
    """Where the description names the place of the id, another id there is not ready."""
    with responses.RequestsMock() as mocked:
        mocked.get(f"{BASE}/policy/7", json={"s": "success", "x": {"id": 8}})
        outcome = _api(poll={"status": ["/s"], "id": "/x/id"}).poll_policy_status("7")
        assert outcome.error_class == "AnotherPolicy"
        mocked.replace(responses.GET, f"{BASE}/policy/7", json={"s": "success", "x": {"id": 7}})
        outcome = _api(poll={"status": ["/s"], "id": "/x/id"}).poll_policy_status("7")
        assert outcome.kind == "ready"


def test_an_error_in_place_of_the_policy_is_told() -> None:
    """What the API says of its failure stands beside the id that is missing."""
    said = {"result": None, "error": {"message": "policyId must be an integer"}}
    with responses.RequestsMock() as mocked:
        mocked.get(f"{BASE}/policy/7", json=said)
        poll = {"status": ["/result/state"], "id": "/result/policyId"}
        outcome = _api(poll=poll).poll_policy_status("7")
    assert (outcome.kind, outcome.error_class) == ("not_ready", "AnotherPolicy")
    assert "policyId must be an integer" in outcome.message


@pytest.mark.parametrize(
    ("value", "error_class"),
    [(10**45, "MissingPolicyId"), ("x" * 1025, "InvalidPolicyId"), ("a\nb", "InvalidPolicyId")],
    ids=["digits", "long", "line"],
)
def test_why_an_id_cannot_be_used(value: object, error_class: str) -> None:
    """The message says what an id is, and that a policy may exist."""
    outcome = _created(at="/id", json={"id": value})
    assert outcome.error_class == error_class
    assert "an id is a whole number of at most 38 digits, or a text" in outcome.message
    assert "a policy may exist at the API" in outcome.message


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"json": {"result": {"tripped": True}}}, "triggered"),
        ({"json": {"result": {"tripped": 1}}}, "failed"),
        ({"json": {"result": {"tripped": "true"}}}, "failed"),
        ({"json": {"result": {"tripped": False}}}, "failed"),
        ({"json": {"result": {"tripped": "queued"}}}, "accepted"),
        ({"json": {"result": {"tripped": "Trip-Ped"}}}, "triggered"),
        ({"json": {"status": "ok"}}, "failed"),
        ({"body": ""}, "failed"),
        ({"json": {"result": {"tripped": True}, "error": "no"}}, "failed"),
        ({"json": {"result": {"tripped": True}, "success": False}}, "failed"),
    ],
)
def test_the_confirmation_is_what_the_description_says(answer: dict[str, Any], kind: str) -> None:
    """Only a named value at the named place confirms; nothing else does, not even an empty body."""
    with responses.RequestsMock() as mocked:
        mocked.post(f"{BASE}/circuit", **answer)
        confirm = {"at": "/result/tripped", "in": [True, "trip_ped"]}
        outcome = _api(trigger={"confirm": confirm}).trigger_circuit_breaker("e", "p", "x")
        assert outcome.kind == kind, outcome


def test_already_counts_for_a_repeated_request_only() -> None:
    """409 to a first request is an error; to a repetition the breaker was triggered before."""
    with responses.RequestsMock() as mocked:
        mocked.post(f"{BASE}/circuit", status=409, body="<p>tripped</p>")
        api = _api(trigger={"already": [409]})
        first = api.trigger_circuit_breaker("e", "p", "x")
        again = api.trigger_circuit_breaker("e", "p", "x", was_sent_before=True)
    assert (first.kind, first.error_class) == ("rejected", "HTTP409")
    assert again.kind == "triggered"
    assert "earlier request (HTTP 409)" in again.message


def test_a_conflict_of_a_repetition_says_what_it_may_mean() -> None:
    """Without `already`, 409 to a request that may have been sent before leaves the doubt open."""
    with responses.RequestsMock() as mocked:
        mocked.post(f"{BASE}/createpolicy", status=409)
        mocked.post(f"{BASE}/circuit", status=409)
        outcomes = [
            _api().create_policy("e", "{}", was_sent_before=True),
            _api().trigger_circuit_breaker("e", "p", "x", was_sent_before=True),
        ]
    for outcome in outcomes:
        assert (outcome.kind, outcome.error_class) == ("unknown", "RepeatedConflict")
        assert "may have taken effect" in outcome.message


def test_a_policy_that_was_created_before_needs_its_id() -> None:
    """The answer to the repetition may hold the id; without the id the policy is not adopted."""
    with_id = _created(at=None, again=True, status=409, json={"error": "exists", "policy_id": 7})
    at_place = _created(at="/e/id", again=True, status=409, json={"e": {"id": "x"}})
    without = _created(at=None, again=True, status=409, json={"error": "exists"})
    assert [(o.kind, o.policy_id) for o in (with_id, at_place)] == [
        ("created", "7"),
        ("created", "x"),
    ]
    assert (without.kind, without.error_class) == ("unknown", "AlreadyWithoutId")


def test_busy_is_waited_for_until_the_deadline() -> None:
    """A status that means busy is tried again, also without retries left, and then is an error."""
    with responses.RequestsMock() as mocked:
        busy = mocked.post(f"{BASE}/createpolicy", status=422, headers={"Retry-After": "0"})
        mocked.post(f"{BASE}/createpolicy", json={"policy_id": "p"})
        created = _api(create={"busy": [422]}).create_policy("e", "{}")
        assert (created.kind, busy.call_count) == ("created", 1)
    with responses.RequestsMock() as mocked:
        mocked.post(f"{BASE}/createpolicy", status=422)
        # The first pause is at most half a second.
        api = _api(deadline=1.2, create={"busy": [422]})
        refused = api.create_policy("e", "{}")
        assert (refused.kind, refused.error_class) == ("unavailable", "ApiBusy")
        assert refused.requests_sent > 1


@pytest.mark.parametrize("status", [408, 500, 503])
def test_without_keys_a_failure_of_the_server_is_a_doubt(status: int) -> None:
    """A server or gateway that fails may have passed the request on: it is not sent again."""
    with responses.RequestsMock() as mocked:
        mocked.post(f"{BASE}/createpolicy", status=status, headers={"Retry-After": "0"})
        outcome = _api(max_retries=3, create={"key": None}).create_policy("e", "{}")
    assert (outcome.kind, outcome.requests_sent) == ("unknown", 1)


def test_a_key_in_the_body_is_sent_there_only() -> None:
    """An API that takes the key in the body gets no header."""
    with responses.RequestsMock() as mocked:
        mocked.post(f"{BASE}/createpolicy", json={"policy_id": "p"})
        _api(create={"key": {"body": "/incident/key"}}).create_policy("e", '{"a": 1.0}')
        sent = mocked.calls[0].request
    assert sent.body == b'{"a": 1.0, "incident": {"key": "e:create_policy"}}'
    assert "Idempotency-Key" not in sent.headers


@pytest.mark.parametrize(
    ("answer", "kind", "policy_id"),
    [
        ({"json": {"items": [{"id": 5}, {"id": 6}]}}, "found", "5"),
        ({"json": {"items": []}}, "absent", None),
        ({"json": {"items": None}}, "absent", None),
        ({"json": {"items": [{"id": None}]}}, "absent", None),
        ({"json": {"message": "no such route"}}, "unreadable", None),
        ({"json": {"items": [{}]}}, "unreadable", None),
        ({"json": {"items": [], "errors": ["denied"]}}, "unreadable", None),
        ({"json": {"items": None, "status": "error", "message": "down"}}, "unreadable", None),
        ({"json": {"items": None, "statusCode": 503}}, "unreadable", None),
        ({"json": {"items": [], "success": "false"}}, "unreadable", None),
        ({"json": {"items": [], "status": "pending"}}, "unreadable", None),
        ({"json": {"items": []}, "status": 202}, "unreadable", None),
        ({"json": {"items": [], "timed_out": True}}, "unreadable", None),
        ({"json": {"items": [], "incomplete_results": True}}, "unreadable", None),
        ({"json": {"items": [], "next_page_token": "abc"}}, "unreadable", None),
        ({"json": {"items": [], "@odata.nextLink": "https://h/x?2"}}, "unreadable", None),
        ({"json": {"items": [], "links": {"next": {"href": "/x?2"}}}}, "unreadable", None),
        ({"json": {"items": [], "meta": {"pageInfo": {"hasNextPage": True}}}}, "unreadable", None),
        ({"json": {"items": [], "status": "partial"}}, "unreadable", None),
        ({"json": {"items": [], "message": "search timed out"}}, "unreadable", None),
        ({"json": {"items": []}, "headers": {"Link": '</x?2>; rel="next"'}}, "unreadable", None),
        ({"json": {"items": []}, "headers": {"Link": "</x?2>; rel=next"}}, "unreadable", None),
        ({"json": {"items": []}, "headers": {"Link": '</x>; rel="last next"'}}, "unreadable", None),
        ({"json": {"items": []}, "headers": {"X-Next-Page": "2"}}, "unreadable", None),
        ({"json": {"items": [], "metadata": {"continue": "abc"}}}, "unreadable", None),
        ({"json": {"items": [], "isLast": False}}, "unreadable", None),
        ({"json": {"items": [], "moreRecords": True}}, "unreadable", None),
        ({"json": {"items": [], "meta": {"total": 3}}}, "unreadable", None),
        ({"json": {"items": [], "total_count": 3}}, "unreadable", None),
        ({"json": {"items": [], "_links": {"next": {"href": None}}}}, "absent", None),
        ({"json": {"items": [], "query": {"partial": True}}}, "absent", None),
        ({"json": {"items": [], "total": 0, "last": True, "count": 0}}, "absent", None),
        ({"json": {"items": []}, "headers": {"Link": '</x>; rel="self"'}}, "absent", None),
        ({"json": {"items": [], "timed_out": False, "next": None}}, "absent", None),
        ({"json": {"items": [], "next_page_token": "", "has_more": "false"}}, "absent", None),
        ({"json": {"items": [], "message": "nothing found", "status": "ok"}}, "absent", None),
        ({"json": []}, "unreadable", None),
        ({"body": "<html>"}, "not_ready", None),
        ({"body": "", "status": 204}, "not_ready", None),
        ({"status": 404}, "rejected", None),
        ({"status": 410, "body": "gone"}, "absent", None),
        ({"status": 410, "body": "\n<html>gone"}, "rejected", None),
        ({"status": 500}, "unavailable", None),
    ],
)
def test_a_policy_is_absent_only_when_the_api_says_so(
    answer: dict[str, Any], kind: str, policy_id: str | None
) -> None:
    """An answer of another shape is neither yes nor no: a policy is not created on it."""
    with responses.RequestsMock() as mocked:
        mocked.get(ITEMS, **answer)
        outcome = _api(find=_find(absent=[410])).find_policy("e", "{}")
    assert (outcome.kind, outcome.policy_id) == (kind, policy_id)


def test_a_list_may_be_the_whole_answer() -> None:
    """Some APIs answer a search with a list and no object around it."""
    with responses.RequestsMock() as mocked:
        mocked.get(ITEMS, json=[{"id": "x"}])
        assert _api(find=_find(id="/0/id")).find_policy("e", "{}").policy_id == "x"
        mocked.replace(responses.GET, ITEMS, json=[])
        assert _api(find=_find(id="/0/id")).find_policy("e", "{}").kind == "absent"


def test_an_api_that_shows_policies_late_is_asked_again() -> None:
    """A policy counts as absent when the API says so before and after the pause."""
    with responses.RequestsMock() as mocked:
        mocked.get(ITEMS, json={"items": []})
        mocked.get(ITEMS, json={"items": [{"id": 1}]})
        found = _api(find=_find(again_after_seconds=0.01)).find_policy("e", "{}")
    assert (found.kind, found.policy_id, found.requests_sent) == ("found", "1", 2)


def test_a_placeholder_without_a_value_sends_nothing() -> None:
    """A policy without the field that an address needs is an error of this policy alone."""
    with responses.RequestsMock():
        url = f"{BASE}/rules/{{policy.rule_id}}"
        outcome = _api(create={"url": url}).create_policy("e", json.dumps({"a": 1}))
    assert (outcome.kind, outcome.error_class) == ("rejected", "PlaceholderMissing")
    assert outcome.requests_sent == 0
    assert "no field rule_id" in outcome.message
