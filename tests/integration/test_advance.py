"""Without waiting: a run starts executions and returns, later calls take them further."""

from __future__ import annotations

import contextlib
import io
import json
import random
import re
from typing import Any

import pytest

from tests.integration.workflow import Ran, Workflow

PATIENT = {"policy_max_poll_attempts": 50}


def _advance(workflow: Workflow, **arguments: Any) -> Ran:
    project_vars = PATIENT | arguments.pop("project_vars", {})
    return workflow.run("advance_policy_workflow", project_vars=project_vars, **arguments)


def _waits(ran: Ran) -> list[str]:
    return [sql for sql in ran.statements if "system$wait" in sql.lower()]


def test_a_run_that_does_not_wait_starts_and_returns(workflow: Workflow) -> None:
    """One create and one poll; exit code 0, and nobody holds what is not ready."""
    workflow.api.order(statuses=["pending", "ready"])
    started = workflow.run(execution_id="e", wait=False)
    assert started.success, started.output
    assert "1 execution(s) started" in started.output
    assert _waits(started) == []
    row = workflow.row()
    assert (row["status"], row["poll_count"], row["lease_expires_at"]) == (
        "policy_created",
        1,
        None,
    )
    advanced = _advance(workflow)
    assert advanced.success, advanced.output
    assert "1 execution(s) completed; nothing of this call is left open" in advanced.output
    assert workflow.row()["circuit_breaker_completed"] is True
    assert len(workflow.api.journal("create")) == len(workflow.api.journal("circuit")) == 1


def test_what_is_ready_at_once_completes_without_waiting(workflow: Workflow) -> None:
    """A policy that is ready at the first poll is triggered in the same run."""
    workflow.api.order(statuses=["ready"])
    ran = workflow.run(execution_id="e", wait=False)
    assert ran.success, ran.output
    assert workflow.row()["status"] == "completed"


def test_a_hundred_policies_with_random_delays_all_complete(workflow: Workflow) -> None:
    """However long each takes to be ready, calls come to the end of all, and none waits."""
    chooser = random.Random(100)
    policies = []
    for number in range(100):
        name = f"slow-{number}"
        delay = chooser.randrange(6)
        workflow.api.order(policy_name=name, statuses=["pending"] * delay + ["ready"])
        policies.append({"execution_id": name, "policy_data": {"policy_name": name}})
    runs = [workflow.run(policies=policies, wait=False, project_vars=PATIENT)]
    while "go on at the next call" in runs[-1].output or len(runs) == 1:
        runs.append(_advance(workflow))
        assert len(runs) < 12
    assert all(ran.success for ran in runs)
    assert [sql for ran in runs for sql in _waits(ran)] == []
    rows = workflow.rows()
    assert [row["status"] for row in rows] == ["completed"] * 100
    assert len({row["poll_count"] for row in rows}) > 3
    assert len(workflow.api.journal("create")) == len(workflow.api.journal("circuit")) == 100


def test_a_failure_fails_the_call_in_which_it_happens(workflow: Workflow) -> None:
    """The exit code is 1 and the execution is named; the others go on."""
    workflow.api.order(statuses=["pending", "ready"])
    workflow.api.order(policy_name="bad", statuses=["pending", "failed"])
    policies = [
        {"execution_id": name, "policy_data": {"policy_name": name}} for name in ("bad", "good")
    ]
    assert workflow.run(policies=policies, wait=False).success
    ran = _advance(workflow)
    assert not ran.success
    assert "error: Step 2 (poll policy status) failed" in ran.output
    assert {row["execution_id"]: row["status"] for row in workflow.rows()} == {
        "bad": "error",
        "good": "completed",
    }
    again = _advance(workflow)
    assert again.success, again.output
    refused = workflow.run(execution_id="x", wait=False, policy_data={"policy_name": "bad"})
    assert refused.success  # created, and polled once: still pending at the API
    workflow.api.order(endpoint="create", http_status=422)
    assert not workflow.run(execution_id="y", wait=False).success


def test_only_what_is_due_and_free_is_advanced(workflow: Workflow) -> None:
    """Not before the interval has passed, and not what another run is driving."""
    workflow.api.order(statuses=["pending", "ready"])
    assert workflow.run(execution_id="e", wait=False).success
    polls = len(workflow.api.journal("status"))
    early = _advance(
        workflow, project_vars={"policy_poll_interval_seconds": 600, "policy_lease_seconds": 3600}
    )
    assert early.success, early.output
    workflow.query(
        """update policy_execution_state
        set "lease_expires_at" = dateadd(minute, 5, sysdate())"""
    )
    assert _advance(workflow).success
    assert len(workflow.api.journal("status")) == polls
    workflow.query("""update policy_execution_state set "lease_expires_at" = null""")
    assert _advance(workflow).success
    assert workflow.row()["status"] == "completed"


def test_a_limit_takes_the_oldest(workflow: Workflow) -> None:
    """So many executions a call, the oldest first."""
    workflow.api.order(statuses=["pending", "ready"])
    for name in ("first", "second"):
        assert workflow.run(execution_id=name, wait=False).success
    assert _advance(workflow, limit=1).success
    assert {row["execution_id"]: row["status"] for row in workflow.rows()} == {
        "first": "completed",
        "second": "policy_created",
    }


def _task_sql(workflow: Workflow, **arguments: Any) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        ran = workflow.run("policy_workflow_task_sql", **arguments)
    assert ran.success, ran.output
    assert ran.statements == []
    return printed.getvalue()[printed.getvalue().index("-- Takes up") :]


def test_a_task_takes_executions_further(workflow: Workflow) -> None:
    """What the printed task calls does what the operation does, each time as a new run."""
    workflow.api.order(statuses=["pending", "pending", "ready"])
    assert workflow.run("deploy_policy_workflow").success
    assert workflow.run(execution_id="e", wait=False).success
    sql = _task_sql(workflow, minutes=10)
    assert "schedule = '10 minute'" in sql
    call = re.search(r"^call .*\);$", sql, re.M)
    assert call
    answers = [json.loads(next(iter(workflow.query(call[0])[0].values()))) for _ in range(2)]
    assert [answer["open"] for answer in answers] == [1, 0]
    assert workflow.row()["status"] == "completed"
    owners = {event["invocation_id"] for event in workflow.events()}
    assert len([owner for owner in owners if owner.startswith("task-")]) == 2


@pytest.mark.parametrize(
    ("operation", "arguments", "answer"),
    [
        ("run_policy_workflow", {"wait": "no"}, "wait must be true or false"),
        ("advance_policy_workflow", {"limit": 0}, "limit must be a whole number from 1 to 10000"),
        ("policy_workflow_task_sql", {"minutes": 0}, "minutes must be a whole number from 1"),
        ("policy_workflow_task_sql", {"warehouse": "a b"}, "warehouse must be an unquoted"),
    ],
)
def test_bad_arguments_are_refused(
    workflow: Workflow, operation: str, arguments: dict[str, Any], answer: str
) -> None:
    """A bad argument is named before anything is sent."""
    ran = workflow.run(operation, **arguments)
    assert not ran.success
    assert answer in ran.output
    assert ran.statements == []
