"""Probes of an endpoint whose breaker is open, and what holds while it is open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from tests.integration.described_apis.described_runs import DescribedRuns
from tests.integration.described_apis.examples import example_vars
from tests.integration.described_apis.jsend import JSend
from tests.integration.workflow import Ran, Workflow

FAILURES = 5
COUNT = 20
VARS = {
    "policy_api_connections": 4,
    "policy_api_breaker_failures": FAILURES,
    "policy_api_timeout_seconds": 1,
    "policy_api_max_retries": 0,
    "policy_max_poll_attempts": 1,
}
NAMES = [f"n{number:02}" for number in range(COUNT)]
POLICIES = [{"execution_id": name, "policy_data": {"policy_name": name}} for name in NAMES]


def _retry(workflow: Workflow, **more: Any) -> Ran:
    (run,) = workflow.query(
        'select min_by("run_id", "recorded_at") as r from policy_execution_runs'
    )
    return workflow.run("retry_policy_workflow", run=run["R"], project_vars=VARS | more)


def _let_the_pause_pass(workflow: Workflow) -> None:
    past = "dateadd(second, -1, sysdate())"
    workflow.query(f'update policy_api_breakers set "retry_at" = {past}')


def _states(workflow: Workflow) -> dict[str, str]:
    rows = workflow.query('select "endpoint", "state" from policy_api_breakers')
    return {row["endpoint"]: row["state"] for row in rows}


def _statuses(workflow: Workflow) -> list[str]:
    return [row["status"] for row in workflow.rows()]


@pytest.fixture
def opened(workflow: Workflow) -> Workflow:
    """Give an open breaker of create with executions that wait, and an API that works again."""
    workflow.api.order(endpoint="create", http_status=503)
    assert not workflow.run(policies=POLICIES, project_vars=VARS).success
    assert _states(workflow) == {"create": "open"}
    workflow.api.reset()
    workflow.api.order(statuses=["ready"])
    _let_the_pause_pass(workflow)
    return workflow


def test_a_policy_that_is_never_taken_does_not_keep_it_open(opened: Workflow) -> None:
    """Any execution may be the probe, so that the breaker closes although one policy fails."""
    opened.api.order(endpoint="create", policy_name=NAMES[0], http_status=500)
    for _ in range(8):
        _retry(opened)
        if "closed" in _states(opened).values():
            break
        _let_the_pause_pass(opened)
    assert _statuses(opened).count("completed") == COUNT - 1


@pytest.mark.parametrize("status", [429, 503])
def test_an_unclear_answer_ends_the_probe(opened: Workflow, status: int) -> None:
    """A probe that is asked to come back later is one request, and the others wait on."""
    opened.api.order(
        endpoint="create", http_status=status, headers={"Retry-After": "1"}, effect=False
    )
    before = _statuses(opened).count("pending")
    retried = _retry(opened, policy_api_max_retries=3)
    assert not retried.success
    assert len(opened.api.journal("create")) == 1
    assert _statuses(opened).count("pending") >= before - 1
    assert _states(opened) == {"create": "open"}
    held = [row["message"] for row in opened.rows() if row["status"] == "pending"]
    assert all(f"seen last: HTTP {status} with Retry-After" in message for message in held)


@pytest.mark.parametrize("endpoint", ["create", "status", "circuit"])
def test_failures_in_a_row_count_over_the_calls_of_a_step(
    workflow: Workflow, endpoint: str
) -> None:
    """Where a call has room for a few requests only, the breaker opens all the same."""
    workflow.api.order(statuses=["ready"])
    workflow.api.order(endpoint=endpoint, hang=True)
    settings = VARS | {"policy_api_connections": 2, "policy_call_seconds": 1}
    assert not workflow.run(policies=POLICIES[:12], project_vars=settings).success
    assert len(workflow.api.journal(endpoint)) <= FAILURES + 2
    assert "open" in _states(workflow).values()


@pytest.fixture
def jsend(workflow: Workflow, local_snowflake: LocalSnowflake) -> Iterator[Any]:
    """Give a maker of runs at an API that is described, with changes to its `find`, or without."""
    with JSend() as api:

        def make(find: dict[str, Any] | None, **more: Any) -> DescribedRuns:
            described = example_vars(JSend)
            if find is None:
                del described["policy_api"]["find"]
            else:
                described["policy_api"]["find"] |= find
            return DescribedRuns(workflow, api, local_snowflake, {**described, **VARS, **more})

        yield make


def _retry_at(runs: DescribedRuns, workflow: Workflow, **more: Any) -> Ran:
    (run,) = workflow.query(
        'select min_by("run_id", "recorded_at") as r from policy_execution_runs'
    )
    return runs.operation("retry_policy_workflow", run=run["R"], **more)


def test_an_endpoint_is_closed_by_its_own_answers_only(jsend: Any, workflow: Workflow) -> None:
    """A creation that needs no find closes no breaker of find; a good find closes its own."""
    runs = jsend({})
    runs.api.order(endpoint="create", reset="before", times=COUNT, effect=False)
    runs.run(*NAMES, project_vars={"policy_api_breaker_failures": 0})
    runs.api.order_of_find(http_status=503)
    _retry_at(runs, workflow)
    assert _states(workflow) == {"find": "open"}
    _let_the_pause_pass(workflow)
    asked = len(runs.api.requests("find"))
    assert runs.run("new").success
    assert len(runs.api.requests("find")) == asked
    assert _states(workflow) == {"find": "half_open"}
    runs.api.forget_orders()
    runs.api.order(endpoint="create", http_status=503, effect=False)
    past = "dateadd(second, -1, sysdate())"
    workflow.query(f'update policy_api_breakers set "probe_expires_at" = {past}')
    _retry_at(runs, workflow)
    assert _states(workflow)["find"] == "closed"


def test_a_doubt_is_shown_while_the_breaker_is_open(jsend: Any, workflow: Workflow) -> None:
    """What a person has to decide stays an error with its remedy, and does not become 'pending'."""
    runs = jsend(None)
    runs.api.order(endpoint="create", http_status=503, effect=False)
    runs.run(*NAMES)
    doubts = _statuses(workflow).count("error")
    assert doubts >= FAILURES
    retried = _retry_at(runs, workflow)
    assert not retried.success
    assert _statuses(workflow).count("error") == doubts
    assert all(
        "create: again" in row["error_message"]
        for row in workflow.rows()
        if row["status"] == "error"
    )


def test_a_find_is_not_repeated_for_the_next_call(jsend: Any, workflow: Workflow) -> None:
    """An execution whose find was sent is created in the same call, however long the find took."""
    runs = jsend({"again_after_seconds": 2}, policy_call_seconds=1)
    few = NAMES[:6]
    runs.api.order(endpoint="create", reset="before", times=len(few), effect=False)
    runs.run(*few, project_vars={"policy_api_breaker_failures": 0})
    before = len(runs.api.requests("find"))
    retried = _retry_at(runs, workflow)
    assert retried.success, retried.output
    assert len(runs.api.requests("find")) - before == 2 * len(few)


def test_a_request_that_never_left_was_not_sent_before(workflow: Workflow) -> None:
    """A 409 to the first request after an announcement that led to none is a plain refusal.

    A server that answered 503 may have passed the request on, so there the 409 is to a repetition.
    """
    workflow.api.order(statuses=["ready"])
    workflow.api.order(endpoint="circuit", http_status=503)
    assert not workflow.run(policies=POLICIES, project_vars=VARS).success
    sent = {entry.json["policy_id"] for entry in workflow.api.journal("circuit")}
    assert 0 < len(sent) < COUNT
    workflow.api.order(endpoint="circuit", http_status=409)
    _let_the_pause_pass(workflow)
    assert not _retry(workflow).success
    refused = [event for event in workflow.events() if event["http_status"] == 409]
    assert len(refused) == COUNT
    classes = {(event["policy_id"] in sent, event["error_class"]) for event in refused}
    assert classes == {(True, "RepeatedConflict"), (False, "HTTP409")}
