"""Which policy an answer is about: one rule for all steps of a described API."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import responses

from procedures.domain.api_outcome import ApiOutcome
from procedures.http.policy_api import PolicyApi
from tests.repository import ROOT
from tests.unit.procedures.builders import BASE, make_api, make_settings

ANOTHER = [
    {"policy_id": "8"},
    {"data": {"policyId": 8}},
    {"policy": {"id": "8"}},
    {"policy_id": "7", "data": {"policy_id": "8"}},
]


def _polled(answer: Any, **poll: Any) -> ApiOutcome:
    with responses.RequestsMock() as mocked:
        mocked.get(f"{BASE}/policy/7", json=answer)
        api = PolicyApi(make_settings(api=make_api(poll=poll)))
        return api.poll_policy_status("7")


def _triggered(answer: Any, **trigger: Any) -> ApiOutcome:
    with responses.RequestsMock() as mocked:
        mocked.post(f"{BASE}/circuit", json=answer)
        api = PolicyApi(make_settings(api=make_api(trigger=trigger)))
        return api.trigger_circuit_breaker("e", "7", "x")


@pytest.mark.parametrize("other", [*ANOTHER, {"id": 8}, {"data": {"id": 8}}])
@pytest.mark.parametrize("status_at", [None, ["/s"]], ids=["usual places", "named status"])
def test_a_poll_whose_id_has_no_place(other: Any, status_at: list[str] | None) -> None:
    """Wherever the status stands, an answer that names another policy does not count."""
    word = {"s": "success"} if status_at else {"status": "success"}
    said = _polled(word | other, status=status_at)
    assert (said.kind, said.error_class) == ("not_ready", "AnotherPolicy")
    assert "8" in said.message
    assert _polled(word | {"policy_id": 7, "id": "x"}, status=status_at).kind == "ready"
    assert _polled(word, status=status_at).kind == "ready"


@pytest.mark.parametrize("other", ANOTHER)
@pytest.mark.parametrize("confirm", [None, {"at": "/s", "in": ["ok"]}], ids=["usual", "named"])
def test_a_breaker_whose_id_has_no_place(other: Any, confirm: Any) -> None:
    """The breaker of another policy is no confirmation, whatever else the answer says."""
    said = _triggered({"s": "ok"} | other, confirm=confirm)
    assert (said.kind, said.error_class) == ("failed", "AnotherPolicy")
    assert _triggered({"s": "ok", "policy_id": 7}, confirm=confirm).kind == "triggered"
    # A bare id is the breaker's own.
    assert _triggered({"s": "ok", "id": 8}, confirm=confirm).kind == "triggered"


@pytest.mark.parametrize("other", [*ANOTHER, {"id": 8}])
@pytest.mark.parametrize("named", [True, False], ids=["named places", "usual places"])
def test_only_the_named_place_identifies(other: Any, named: bool) -> None:
    """Where the place of the id is named, ids elsewhere say nothing, and this one must be right."""
    words = {"s": "ok", "status": "success"} | other
    poll: dict[str, Any] = {"id": "/run/id", "status": ["/status"] if named else None}
    trigger = {"id": "/run/id", "confirm": {"at": "/s", "in": ["ok"]} if named else None}
    for ids, is_right in (({"id": 7}, True), ({"id": "9"}, False), ({}, False)):
        polled = _polled(words | {"run": ids}, **poll)
        triggered = _triggered(words | {"run": ids}, **trigger)
        if is_right:
            assert (polled.kind, triggered.kind) == ("ready", "triggered"), (polled, triggered)
        else:
            assert (polled.kind, polled.error_class) == ("not_ready", "AnotherPolicy")
            assert (triggered.kind, triggered.error_class) == ("failed", "AnotherPolicy")


@pytest.mark.parametrize("other", [*ANOTHER, {"id": 8}])
def test_answers_that_do_not_say_which_policy_they_are_about(other: Any) -> None:
    """`id: none` says so; then all ids of an answer are about something else."""
    words = {"s": "ok", "status": "success"} | other
    assert _polled(words, id="none", status=["/status"]).kind == "ready"
    confirm = {"at": "/s", "in": ["ok"]}
    assert _triggered(words, id="none", confirm=confirm).kind == "triggered"


@pytest.mark.parametrize("number", ["42.0", "4.2e1", "-0", "1e3", "42.50"])
def test_an_id_is_used_as_the_api_wrote_it(number: str) -> None:
    """A number with a fraction or an exponent is no id: its text would be another one."""
    with responses.RequestsMock() as mocked:
        mocked.post(f"{BASE}/createpolicy", body=f'{{"a": {{"id": {number}}}}}')
        mocked.get(f"{BASE}/items", body=f'[{{"id": {number}}}]')
        find: dict[str, Any] = {
            "method": "GET",
            "url": f"{BASE}/items",
            "body": None,
            "busy": [],
            "id": "/0/id",
        }
        api = PolicyApi(make_settings(api=make_api(create={"id": "/a/id"}, find=find)))
        created = api.create_policy("e", "{}")
        found = api.find_policy("e", "{}")
    assert (created.kind, created.policy_id, created.error_class) == (
        "unreadable",
        None,
        "MissingPolicyId",
    )
    assert (found.kind, found.policy_id) == ("unreadable", None)


# --- Answers that are lists


def test_each_step_reads_a_list_where_a_pointer_begins_with_an_index() -> None:
    """A batch API answers with a list of one item."""
    api = PolicyApi(
        make_settings(
            api=make_api(
                create={"id": "/0/id"},
                poll={"id": "/0/id", "status": ["/0/state"]},
                trigger={"confirm": {"at": "/0/tripped", "in": [True]}},
            )
        )
    )
    with responses.RequestsMock() as mocked:
        mocked.post(f"{BASE}/createpolicy", json=[{"id": 7}])
        mocked.get(f"{BASE}/policy/7", json=[{"id": 7, "state": "success"}, {"id": 8}])
        mocked.post(f"{BASE}/circuit", json=[{"tripped": True}])
        assert api.create_policy("e", "{}").policy_id == "7"
        assert api.poll_policy_status("7").kind == "ready"
        assert api.trigger_circuit_breaker("e", "7", "x").kind == "triggered"


@pytest.mark.parametrize(
    ("answer", "error_class"),
    [
        ([], "MissingStatus"),
        ([{"state": "success", "error": "no"}], "StatusContradicted"),
        ([{"state": "success", "policy_id": "8"}], "AnotherPolicy"),
        ({"state": "success"}, "MissingStatus"),
        ("success", "MissingStatus"),
        ([["success"]], "MissingStatus"),
        ([None, {"state": "success"}], "MissingStatus"),
    ],
)
def test_a_list_is_read_as_strictly_as_an_object(answer: Any, error_class: str) -> None:
    """The item that a pointer names is the answer: a no in the item is a no."""
    assert _polled(answer, status=["/0/state"]).error_class == error_class


@pytest.mark.parametrize(
    ("answer", "error_class"),
    [
        ([], "MissingPolicyId"),
        ([{"id": 7, "errors": ["no"]}], "CreateRefused"),
        ([{"id": 7, "status": "failed"}], "CreateRefused"),
        ({"id": 7}, "MissingPolicyId"),
        (7, "MissingPolicyId"),
    ],
)
def test_a_list_that_creates_nothing(answer: Any, error_class: str) -> None:
    """No id is invented from a list, and an item that says no is no creation."""
    with responses.RequestsMock() as mocked:
        mocked.post(f"{BASE}/createpolicy", json=answer)
        api = PolicyApi(make_settings(api=make_api(create={"id": "/0/id"})))
        assert api.create_policy("e", "{}").error_class == error_class


@pytest.mark.parametrize(
    "answer",
    [
        [],
        [{"tripped": True, "error": "no"}],
        [{"tripped": True, "policy_id": 8}],
        {"tripped": True},
        True,
        [True],
    ],
)
def test_a_list_that_confirms_nothing(answer: Any) -> None:
    """Only the named value in the named item confirms."""
    assert _triggered(answer, confirm={"at": "/0/tripped", "in": [True]}).kind == "failed"
    assert _triggered(answer, id="/0/id").kind == "failed"


def test_without_such_a_pointer_a_list_is_no_answer() -> None:
    """A list where an object is documented is another answer than the one that is described."""
    assert _polled([{"state": "success"}], status=["/state"]).error_class == "UnreadableAnswer"
    assert _triggered([{"s": "ok"}]).error_class == "UnreadableAnswer"


# --- An answer of another kind, as docs/your_api.md shows it


def test_json_inside_a_text() -> None:
    """Gateways of the AWS style send the body as a text: pointers lead into the page's example."""
    page = (ROOT / "docs" / "your_api.md").read_text(encoding="utf-8")
    (example,) = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", page, re.DOTALL))
    places = re.findall(r"`(?:create|poll): \{(id|status): (/body/[a-z/]+)\}`", page)
    assert dict(places) == {"id": "/body/rule/id", "status": "/body/rule/state"}
    api = PolicyApi(
        make_settings(
            api=make_api(
                create={"id": "/body/rule/id"},
                poll={"id": "/body/rule/id", "status": ["/body/rule/state"]},
            )
        )
    )
    with responses.RequestsMock() as mocked:
        mocked.post(f"{BASE}/createpolicy", json=example)
        mocked.get(f"{BASE}/policy/7", json=example)
        mocked.get(f"{BASE}/policy/7", json=example | {"statusCode": 500})
        assert api.create_policy("e", "{}").policy_id == "7"
        assert api.poll_policy_status("7").kind == "ready"
        assert api.poll_policy_status("7").kind == "not_ready"
