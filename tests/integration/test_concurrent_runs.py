"""Runs at the same time, each a dbt process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.integration.workflow import TEST_VARS, Workflow
from tests.repository import ROOT

# 20 by hand (POLICY_TEST_TRIES=20), fewer in every run of the suite.
TRIES = int(os.environ.get("POLICY_TEST_TRIES", "2"))


def _start(workflow: Workflow, folder: Path, arguments: dict[str, object]) -> subprocess.Popen[str]:
    command = [
        str(Path(sys.executable).with_name("dbt")),
        "run-operation",
        "run_policy_workflow",
        "--args",
        json.dumps(arguments),
        "--vars",
        json.dumps(TEST_VARS | {"policy_poll_interval_seconds": 1}),
        "--target-path",
        str(folder / "target"),
        "--log-path",
        str(folder / "logs"),
    ]
    environment = {**os.environ, **workflow.environment}
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_two_runs_at_once_both_complete(workflow: Workflow, tmp_path: Path) -> None:
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
        outputs = [run.communicate(timeout=120)[0] for run in runs]
        assert [run.returncode for run in runs] == [0, 0], outputs
    rows = workflow.rows()
    assert len(rows) == TRIES * 6
    assert {row["status"] for row in rows} == {"completed"}
    assert len(workflow.api.journal("create")) == TRIES * 6
    assert len(workflow.api.journal("circuit")) == TRIES * 6


def test_the_same_execution_twice_at_once_is_driven_once(
    workflow: Workflow, tmp_path: Path
) -> None:
    """One run drives, the other waits and reports the same outcome; nothing is sent twice."""
    assert workflow.run("deploy_policy_workflow").success
    workflow.api.order(latency_seconds=0.5)
    arguments: dict[str, object] = {"execution_id": "shared", "policy_data": {"policy_name": "p"}}
    runs = [_start(workflow, tmp_path / f"run{number}", arguments) for number in range(2)]
    outputs = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    assert all("Final status: completed" in output for output in outputs)
    assert len(workflow.api.journal("create")) == 1
    assert len(workflow.api.journal("circuit")) == 1
