"""A console that carries less than Unicode: every line arrives, and every verdict is readable."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.integration.workflow import TEST_VARS, Workflow
from tests.repository import ROOT

NAME = "política_日本 ✅"
# The variables that choose what each carries. The first is that of the process.
CONSOLES: dict[str, dict[str, str]] = {
    "C": {"PYTHONUTF8": "0", "LC_ALL": "C"},
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "utf-8": {"PYTHONIOENCODING": "utf-8"},
}
CHOSEN = ("PYTHONIOENCODING", "PYTHONUTF8", "LC_ALL", "LC_CTYPE", "LANG")


# dbt once for each line of arguments, in one process: a start and the reading of the project take
# seconds. What is printed is encoded by the process that prints: Python does at a start with
# PYTHONIOENCODING what is done here where a line has it.
ONE_AFTER_THE_OTHER = f"""
import json, os, sys
from tests.integration.started_dbt import invoke
for line in sys.stdin:
    words, variables = json.loads(line)
    for name in {CHOSEN}:
        os.environ.pop(name, None)
    os.environ.update(variables)
    if "PYTHONIOENCODING" in variables:
        sys.stdout.reconfigure(encoding=variables["PYTHONIOENCODING"], errors="strict")
        sys.stderr.reconfigure(encoding=variables["PYTHONIOENCODING"], errors="backslashreplace")
    print("EXIT CODE", int(not invoke(words)), flush=True)
"""


class Consoles:
    """A process that runs operations, and whose output is that of one console after another."""

    def __init__(self, workflow: Workflow, stderr: IO[bytes]) -> None:
        environment = {k: v for k, v in os.environ.items() if k not in CHOSEN}
        self._process = subprocess.Popen(
            [sys.executable, "-c", ONE_AFTER_THE_OTHER],
            cwd=ROOT,
            env=environment | workflow.environment | CONSOLES["C"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )

    def run(self, console: str, macro: str, **arguments: object) -> tuple[int, str]:
        """Run an operation; answers exit code and output."""
        assert self._process.stdin
        assert self._process.stdout
        variables = ["--vars", json.dumps(TEST_VARS), "--args", json.dumps(arguments)]
        words = ["--no-use-colors", "run-operation", macro, *variables]
        line = json.dumps([words, CONSOLES[console]])
        self._process.stdin.write(line.encode("ascii") + b"\n")
        self._process.stdin.flush()
        output = ""
        for printed in self._process.stdout:
            text = printed.decode("ascii" if console == "C" else console)
            if text.startswith("EXIT CODE "):
                return int(text.split()[-1]), output
            output += text
        raise AssertionError(output)

    def end(self) -> str:
        """Answer what it printed after its last command."""
        rest, _ = self._process.communicate(timeout=60)
        assert self._process.returncode == 0
        return rest.decode("utf-8")


@pytest.fixture
def consoles(workflow: Workflow, tmp_path: Path) -> Iterator[Consoles]:
    """Give the consoles; nothing that they printed is a failure of their own."""
    with (tmp_path / "stderr").open("w+b") as stderr:
        found = Consoles(workflow, stderr)
        yield found
        rest = found.end()
        stderr.seek(0)
        _assert_no_failure_of_its_own(rest + stderr.read().decode("utf-8", "replace"))


def _assert_no_failure_of_its_own(output: str) -> None:
    assert "Traceback" not in output, output
    assert "Logging error" not in output


def test_every_verdict_is_readable(workflow: Workflow, consoles: Consoles) -> None:
    """A run that completes, one that fails and the doctor lose no line to any console."""
    for console in CONSOLES:
        workflow.api.order(endpoint="create", extra={"policy_id": NAME})
        _look_at_a_failure(consoles, console)
        workflow.api.reset()
        # The failure has shown that the other two lose no mark of a success either.
        if console in ("C", "utf-8"):
            _look_at_a_success(consoles, console)


def _marks(console: str) -> tuple[str, str]:
    """What marks a failure and a success."""
    return ("❌", "✅") if console == "utf-8" else ("FAILED", "OK")


def _look_at_a_failure(consoles: Consoles, console: str) -> None:
    """Step 1 succeeds, with a name that a console may lack; step 2 fails."""
    no, yes = _marks(console)
    is_unicode = console == "utf-8"
    code, failed = consoles.run(
        console, "run_policy_workflow", policy_data={"policy_name": NAME}, execution_id=console
    )
    _, story = consoles.run(console, "diagnose_policy_execution", execution_id=console)
    assert code == 1
    shown = NAME if is_unicode else "pol\\u00edtica_\\u65e5\\u672c OK"
    stored = f"{yes} Step 1: Policy created and stored in state table (policy_id {shown})"
    assert stored in failed
    assert f"{no} Step 2: Policy status not confirmed" in failed
    assert f"{no} policy_workflow: 1 of 1 execution(s) did not complete." in failed
    assert ("pending → policy_created" if is_unicode else "pending -> policy_created") in story
    for output in (failed, story):
        _assert_no_failure_of_its_own(output)


def _look_at_a_success(consoles: Consoles, console: str) -> None:
    """All steps succeed, and the doctor has nothing to mend."""
    _, yes = _marks(console)
    code, completed = consoles.run(
        console,
        "run_policy_workflow",
        policy_data={"policy_name": NAME},
        execution_id=f"{console}-good",
    )
    assert code == 0, completed
    assert f"{yes} policy_workflow: 1 of 1 execution(s) completed" in completed
    healthy, diagnosed = consoles.run(console, "diagnose_policy_execution")
    assert healthy == 0
    assert f"{yes} create_policy: current" in diagnosed
    for output in (completed, diagnosed):
        _assert_no_failure_of_its_own(output)
