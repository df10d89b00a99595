"""A console that carries less than Unicode: every line arrives, and every verdict is readable."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.workflow import TEST_VARS, Workflow
from tests.repository import ROOT

NAME = "política_日本 ✅"
CONSOLES: dict[str, dict[str, str]] = {
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "C": {"PYTHONUTF8": "0", "LC_ALL": "C"},
    "utf-8": {"PYTHONIOENCODING": "utf-8"},
}


def _ran(
    workflow: Workflow, console: str, macro: str, **arguments: object
) -> subprocess.CompletedProcess[str]:
    """Run an operation as a process of its own, whose output is that of such a console."""
    chosen = ("PYTHONIOENCODING", "PYTHONUTF8", "LC_ALL", "LC_CTYPE", "LANG")
    environment = {k: v for k, v in os.environ.items() if k not in chosen}
    given = ["--vars", json.dumps(TEST_VARS), "--args", json.dumps(arguments)]
    ran = subprocess.run(
        [Path(sys.executable).with_name("dbt"), "--no-use-colors", "run-operation", macro, *given],
        cwd=ROOT,
        env=environment | workflow.environment | CONSOLES[console],
        capture_output=True,
        check=False,
    )
    encoding = "utf-8" if console == "utf-8" else "cp1252" if console == "cp1252" else "ascii"
    output = ran.stdout.decode(encoding) + ran.stderr.decode(encoding)
    return subprocess.CompletedProcess(ran.args, ran.returncode, output)


@pytest.mark.parametrize("console", CONSOLES)
def test_every_verdict_is_readable(workflow: Workflow, console: str) -> None:
    """A run that completes, one that fails and the doctor lose no line to the console."""
    no = "❌" if console == "utf-8" else "FAILED"
    yes = "✅" if console == "utf-8" else "OK"
    policy = {"policy_name": NAME}
    ran = _ran(workflow, console, "run_policy_workflow", policy_data=policy, execution_id="e")
    assert ran.returncode == 0, ran.stdout
    assert f"{yes} policy_workflow: 1 of 1 execution(s) completed" in ran.stdout
    workflow.api.order(endpoint="create", extra={"policy_id": NAME})
    failed = _ran(workflow, console, "run_policy_workflow", policy_data=policy, execution_id="f")
    assert failed.returncode == 1
    shown = NAME if console == "utf-8" else "pol\\u00edtica_\\u65e5\\u672c OK"
    stored = f"{yes} Step 1: Policy created and stored in state table (policy_id {shown})"
    assert stored in failed.stdout
    assert f"{no} Step 2: Policy status not confirmed" in failed.stdout
    assert f"{no} policy_workflow: 1 of 1 execution(s) did not complete." in failed.stdout
    diagnosed = _ran(workflow, console, "diagnose_policy_execution")
    assert diagnosed.returncode == 0
    assert f"{yes} create_policy: current" in diagnosed.stdout
    story = _ran(workflow, console, "diagnose_policy_execution", execution_id="f")
    assert (
        "pending → policy_created" if console == "utf-8" else "pending -> policy_created"
    ) in story.stdout
    for one in (ran, failed, diagnosed, story):
        assert "Traceback" not in one.stdout, one.stdout
        assert "Logging error" not in one.stdout
