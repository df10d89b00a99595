"""Runs at the same time, each a dbt process of its own."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.integration.dbt_forks import DbtFork
from tests.integration.workflow import TEST_VARS, Workflow

# 20 by hand (POLICY_TEST_TRIES=20), fewer in every run of the suite.
TRIES = int(os.environ.get("POLICY_TEST_TRIES", "2"))


def _start(
    workflow: Workflow,
    folder: Path,
    arguments: dict[str, object],
    project_vars: dict[str, int] | None = None,
) -> DbtFork:
    own = TEST_VARS | {"policy_poll_interval_seconds": 1} | (project_vars or {})
    command = ["run-operation", "run_policy_workflow", "--args", json.dumps(arguments)]
    command += ["--vars", json.dumps(own)]
    return DbtFork(workflow.with_vars(*command), workflow.environment, folder)


def _outputs(runs: list[DbtFork]) -> list[str]:
    return [run.output for run in runs]


def test_two_runs_at_once_both_complete(
    workflow: Workflow, tmp_path: Path, record_promise: Any
) -> None:
    """Two runs with policies of their own do not disturb each other, cold or warm."""
    for attempt in range(TRIES):
        runs = [
            _start(
                workflow,
                tmp_path / f"run{number}",
                {
                    "policies": [
                        {"policy_data": {"policy_name": f"{attempt}-{number}-{n}"}}
                        for n in range(3)
                    ]
                },
            )
            for number in range(2)
        ]
        assert [run.wait(timeout=120) for run in runs] == [0, 0], _outputs(runs)
    rows = workflow.rows()
    assert len(rows) == TRIES * 6
    assert {row["status"] for row in rows} == {"completed"}
    assert len(workflow.api.journal("create")) == TRIES * 6
    assert len(workflow.api.journal("circuit")) == TRIES * 6
    record_promise("two runs at once, policies of their own", "both complete", TRIES)


def test_the_same_execution_twice_at_once_is_driven_once(
    workflow: Workflow, tmp_path: Path, record_promise: Any
) -> None:
    """One run has the lease, the other waits and reports its outcome; nothing is sent twice."""
    assert workflow.run("deploy_policy_workflow").success
    workflow.api.order(latency_seconds=0.1)
    for attempt in range(TRIES):
        arguments: dict[str, object] = {
            "execution_id": f"shared-{attempt}",
            "policy_data": {"policy_name": "p"},
        }
        runs = [_start(workflow, tmp_path / f"run{number}", arguments) for number in range(2)]
        assert [run.wait(timeout=120) for run in runs] == [0, 0], _outputs(runs)
        assert all("Final status: completed" in output for output in _outputs(runs))
    assert len(workflow.api.journal("create")) == TRIES
    assert len(workflow.api.journal("circuit")) == TRIES
    record_promise("two runs at once, the same execution", "one sends, both report", TRIES)


def test_many_claims_of_one_execution_at_once(workflow: Workflow) -> None:
    """Of eight CALLs at the same moment one claims and sends; the others drive nothing."""
    assert workflow.run("deploy_policy_workflow").success
    workflow.api.order(latency_seconds=0.3)
    calls = 8
    together = threading.Barrier(calls)

    def call(number: int) -> dict[str, Any]:
        request = {
            "invocation_id": f"run-{number}",
            "executions": [{"execution_id": "shared", "policy_data": {"policy_name": "p"}}],
        }
        with workflow.connect() as connection:
            together.wait(timeout=30)
            cursor: Any = connection.cursor()
            cursor.execute(f"call create_policy('{json.dumps(request)}')")
            answer: dict[str, Any] = json.loads(cursor.fetchone()[0])
            return answer

    with ThreadPoolExecutor(calls) as pool:
        answers = list(pool.map(call, range(calls)))
    assert sorted(answer["processed"] for answer in answers) == [0] * (calls - 1) + [1]
    members = workflow.query(f"select * from {workflow.place}.policy_execution_runs")
    assert len(members) == calls, "each run knows which execution it is for"
    assert len(workflow.api.journal("create")) == 1
    assert len(workflow.rows()) == 1


def test_runs_with_policies_of_their_own_side_by_side(
    workflow: Workflow, tmp_path: Path, record_promise: Any
) -> None:
    """Eight runs at once, each with its own policies, all complete."""
    assert workflow.run("deploy_policy_workflow").success
    runs = [
        _start(
            workflow,
            tmp_path / f"run{number}",
            {"policies": [{"policy_data": {"policy_name": f"{number}-{n}"}} for n in range(2)]},
        )
        for number in range(8)
    ]
    assert [run.wait(timeout=120) for run in runs] == [0] * 8, _outputs(runs)
    assert [row["status"] for row in workflow.rows()] == ["completed"] * 16
    record_promise("eight runs at once, policies of their own", "all complete", 8)


def test_a_long_run_keeps_its_lease(workflow: Workflow, tmp_path: Path) -> None:
    """An API slower than the lease: another run finds the lease held, and sends nothing."""
    lease = {"policy_lease_seconds": 10, "policy_wait_seconds": 0}
    assert workflow.run("deploy_policy_workflow", project_vars=lease).success
    workflow.api.order(endpoint="create", latency_seconds=14)
    arguments: dict[str, Any] = {"execution_id": "e", "policy_data": {"policy_name": "p"}}
    first = _start(workflow, tmp_path / "run", arguments, lease)
    limit = time.monotonic() + 60
    while not workflow.api.journal("create") and time.monotonic() < limit:
        time.sleep(0.05)
    time.sleep(11)
    second = workflow.run(**arguments, project_vars=lease)
    assert not second.success
    assert "lease still held by run" in second.output
    assert first.wait(timeout=60) == 0
    assert len(workflow.api.journal("create")) == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_run_waits_for_a_lease_and_takes_over(
    workflow: Workflow, tmp_path: Path, number: signal.Signals, record_promise: Any
) -> None:
    """A run that is killed or interrupted leaves an execution that the next run finishes."""
    lease = {"policy_lease_seconds": 10, "policy_poll_interval_seconds": 1}
    assert workflow.run("deploy_policy_workflow", project_vars=lease).success
    workflow.api.order(endpoint="status", http_status=404, latency_seconds=1)
    arguments: dict[str, Any] = {"execution_id": "e", "policy_data": {"policy_name": "p"}}
    first = _start(workflow, tmp_path / "run", arguments, lease | {"policy_wait_seconds": 60})
    limit = time.monotonic() + 60
    while not workflow.api.journal("status") and time.monotonic() < limit:
        time.sleep(0.05)
    first.send_signal(number)
    assert first.wait(timeout=60) != 0
    workflow.api.forget_orders()
    second = workflow.run(**arguments, project_vars=lease | {"policy_wait_seconds": 60})
    assert second.success, second.output
    assert "waiting for 1 execution(s)" in second.output
    assert len(workflow.api.journal("create")) == 1
    assert len(workflow.api.journal("circuit")) == 1
    record_promise(f"dbt ended by {number.name}", "the next run takes over after the lease", 1)
