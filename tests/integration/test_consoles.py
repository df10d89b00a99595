"""A console that carries less than Unicode: every line arrives, and every verdict is readable."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

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


# The command line of dbt once for each list of arguments, in one process: a start takes seconds.
ONE_AFTER_THE_OTHER = """
import json, sys
from dbt.cli.main import cli
for arguments in json.loads(sys.argv[1]):
    try:
        cli(arguments)
    except SystemExit as ended:
        print("EXIT CODE", ended.code or 0, flush=True)
"""


def _ran(
    workflow: Workflow, console: str, *commands: tuple[str, dict[str, object]]
) -> list[tuple[int, str]]:
    """Run operations in a process whose output is that of such a console.

    Answers exit code and output of each; what went to stderr is with the last one.
    """
    chosen = ("PYTHONIOENCODING", "PYTHONUTF8", "LC_ALL", "LC_CTYPE", "LANG")
    environment = {k: v for k, v in os.environ.items() if k not in chosen}
    given = [
        [
            "--no-use-colors",
            "run-operation",
            macro,
            "--vars",
            json.dumps(TEST_VARS),
            "--args",
            json.dumps(arguments),
        ]
        for macro, arguments in commands
    ]
    ran = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_THE_OTHER, json.dumps(given)],
        cwd=ROOT,
        env=environment | workflow.environment | CONSOLES[console],
        capture_output=True,
        check=True,
    )
    encoding = "utf-8" if console == "utf-8" else "cp1252" if console == "cp1252" else "ascii"
    *parts, rest = re.split(r"EXIT CODE (\d)\n", ran.stdout.decode(encoding))
    ended = [(int(code), output) for output, code in zip(parts[::2], parts[1::2], strict=True)]
    assert len(ended) == len(commands)
    code, output = ended.pop()
    return [*ended, (code, output + rest + ran.stderr.decode(encoding))]


@pytest.mark.parametrize("console", CONSOLES)
def test_every_verdict_is_readable(workflow: Workflow, console: str) -> None:
    """A run that completes, one that fails and the doctor lose no line to the console."""
    no = "❌" if console == "utf-8" else "FAILED"
    yes = "✅" if console == "utf-8" else "OK"
    policy = {"policy_name": NAME}
    (code, ran), *_ = completed = _ran(
        workflow, console, ("run_policy_workflow", {"policy_data": policy, "execution_id": "e"})
    )
    assert code == 0, ran
    assert f"{yes} policy_workflow: 1 of 1 execution(s) completed" in ran
    workflow.api.order(endpoint="create", extra={"policy_id": NAME})
    (code, failed), (healthy, diagnosed), (_, story) = others = _ran(
        workflow,
        console,
        ("run_policy_workflow", {"policy_data": policy, "execution_id": "f"}),
        ("diagnose_policy_execution", {}),
        ("diagnose_policy_execution", {"execution_id": "f"}),
    )
    assert code == 1
    shown = NAME if console == "utf-8" else "pol\\u00edtica_\\u65e5\\u672c OK"
    stored = f"{yes} Step 1: Policy created and stored in state table (policy_id {shown})"
    assert stored in failed
    assert f"{no} Step 2: Policy status not confirmed" in failed
    assert f"{no} policy_workflow: 1 of 1 execution(s) did not complete." in failed
    assert healthy == 0
    assert f"{yes} create_policy: current" in diagnosed
    assert (
        "pending → policy_created" if console == "utf-8" else "pending -> policy_created"
    ) in story
    for _, output in (*completed, *others):
        assert "Traceback" not in output, output
        assert "Logging error" not in output
