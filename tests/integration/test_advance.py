"""Without waiting: a run starts executions and returns, later calls take them further."""

from __future__ import annotations

import contextlib
import io
import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.deployed_schemas import TABLES
from tests.integration.workflow import Ran, Workflow

# A lease must be longer than what a test takes for the interval between polls.
PATIENT = {"policy_max_poll_attempts": 50, "policy_lease_seconds": 3600}


@pytest.fixture
def patient(shared_workflow: Workflow) -> Iterator[Workflow]:
    """Give an API without history, and a schema without rows, whose procedures poll long."""
    shared_workflow.api.reset()
    yield shared_workflow
    for table in TABLES:
        shared_workflow.query(f"delete from {table}")


def _start(workflow: Workflow, **arguments: Any) -> Ran:
    """Run without waiting."""
    return workflow.run(wait=False, project_vars=PATIENT, **arguments)


def _advance(workflow: Workflow, **arguments: Any) -> Ran:
    project_vars = PATIENT | arguments.pop("project_vars", {})
    return workflow.run("advance_policy_workflow", project_vars=project_vars, **arguments)


def _waits(ran: Ran) -> list[str]:
    return [sql for sql in ran.statements if "system$wait" in sql.lower()]


def test_a_run_that_does_not_wait_starts_and_returns(patient: Workflow) -> None:
    """One create and one poll; exit code 0, and nobody holds what is not ready."""
    patient.api.order(statuses=["pending", "ready"])
    started = _start(patient, execution_id="e")
    assert started.success, started.output
    assert "1 execution(s) started" in started.output
    assert _waits(started) == []
    row = patient.row()
    assert (row["status"], row["poll_count"], row["lease_expires_at"]) == (
        "policy_created",
        1,
        None,
    )
    advanced = _advance(patient)
    assert advanced.success, advanced.output
    assert "1 execution(s) completed; nothing of this call is left open" in advanced.output
    assert patient.row()["circuit_breaker_completed"] is True
    assert len(patient.api.journal("create")) == len(patient.api.journal("circuit")) == 1


def test_what_is_ready_at_once_completes_without_waiting(patient: Workflow) -> None:
    """A policy that is ready at the first poll is triggered in the same run."""
    patient.api.order(statuses=["ready"])
    ran = _start(patient, execution_id="e")
    assert ran.success, ran.output
    assert patient.row()["status"] == "completed"


def test_forty_policies_with_random_delays_all_complete(patient: Workflow) -> None:
    """However long each takes to be ready, calls come to the end of all, and none waits."""
    chooser = random.Random(100)
    policies = []
    for number in range(40):
        name = f"slow-{number}"
        delay = chooser.randrange(4)
        patient.api.order(policy_name=name, statuses=["pending"] * delay + ["ready"])
        policies.append({"execution_id": name, "policy_data": {"policy_name": name}})
    runs = [_start(patient, policies=policies)]
    while "go on at the next call" in runs[-1].output or len(runs) == 1:
        runs.append(_advance(patient))
        assert len(runs) < 12
    assert all(ran.success for ran in runs)
    assert [sql for ran in runs for sql in _waits(ran)] == []
    rows = patient.rows()
    assert [row["status"] for row in rows] == ["completed"] * 40
    assert len({row["poll_count"] for row in rows}) > 3
    assert len(patient.api.journal("create")) == len(patient.api.journal("circuit")) == 40


def test_a_failure_fails_the_call_in_which_it_happens(patient: Workflow) -> None:
    """The exit code is 1 and the execution is named; the others go on."""
    patient.api.order(statuses=["pending", "ready"])
    patient.api.order(policy_name="bad", statuses=["pending", "failed"])
    policies = [
        {"execution_id": name, "policy_data": {"policy_name": name}} for name in ("bad", "good")
    ]
    # Created, and polled once: both are still pending at the API.
    assert _start(patient, policies=policies).success
    ran = _advance(patient)
    assert not ran.success
    assert "error: Step 2 (poll policy status) failed" in ran.output
    assert {row["execution_id"]: row["status"] for row in patient.rows()} == {
        "bad": "error",
        "good": "completed",
    }
    again = _advance(patient)
    assert again.success, again.output
    patient.api.order(endpoint="create", http_status=422)
    assert not _start(patient, execution_id="y").success


def test_only_what_is_due_and_free_is_advanced(patient: Workflow) -> None:
    """Not before the interval has passed, and not what another run is driving."""
    patient.api.order(statuses=["pending", "ready"])
    assert _start(patient, execution_id="e").success
    polls = len(patient.api.journal("status"))
    early = _advance(patient, project_vars={"policy_poll_interval_seconds": 600})
    assert early.success, early.output
    patient.query(
        """update policy_execution_state
        set "lease_expires_at" = dateadd(minute, 5, sysdate())"""
    )
    assert _advance(patient).success
    assert len(patient.api.journal("status")) == polls
    patient.query("""update policy_execution_state set "lease_expires_at" = null""")
    assert _advance(patient).success
    assert patient.row()["status"] == "completed"


def test_a_limit_takes_the_oldest(patient: Workflow) -> None:
    """So many executions a call, the oldest first."""
    patient.api.order(statuses=["pending", "ready"])
    for name in ("first", "second"):
        assert _start(patient, execution_id=name).success
    assert _advance(patient, limit=1).success
    assert {row["execution_id"]: row["status"] for row in patient.rows()} == {
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


def test_a_task_takes_executions_further(patient: Workflow) -> None:
    """What the printed task calls does what the operation does, each time as a new run."""
    workflow = patient
    workflow.api.order(statuses=["pending", "pending", "ready"])
    assert _start(workflow, execution_id="e").success
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
    patient: Workflow, operation: str, arguments: dict[str, Any], answer: str
) -> None:
    """A bad argument is named before anything is sent."""
    ran = patient.run(operation, **arguments)
    assert not ran.success
    assert answer in ran.output
    assert ran.statements == []
