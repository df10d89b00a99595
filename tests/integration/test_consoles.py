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
CONSOLES: dict[str, dict[str, str]] = {
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "C": {"PYTHONUTF8": "0", "LC_ALL": "C"},
    "utf-8": {"PYTHONIOENCODING": "utf-8"},
}


# dbt once for each line of arguments, in one process: a start and the reading of the project take
# seconds. What is printed is encoded by the process that prints.
ONE_AFTER_THE_OTHER = """
import json, sys
from tests.integration.started_dbt import invoke
for line in sys.stdin:
    print("EXIT CODE", int(not invoke(json.loads(line))), flush=True)
"""


class Console:
    """A process that runs operations, and whose output is that of such a console."""

    def __init__(self, workflow: Workflow, console: str, stderr: IO[bytes]) -> None:
        chosen = ("PYTHONIOENCODING", "PYTHONUTF8", "LC_ALL", "LC_CTYPE", "LANG")
        environment = {k: v for k, v in os.environ.items() if k not in chosen}
        self.encoding = console if console in ("utf-8", "cp1252") else "ascii"
        self._process = subprocess.Popen(
            [sys.executable, "-c", ONE_AFTER_THE_OTHER],
            cwd=ROOT,
            env=environment | workflow.environment | CONSOLES[console],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )

    def run(self, macro: str, **arguments: object) -> tuple[int, str]:
        """Run an operation; answers exit code and output."""
        assert self._process.stdin
        assert self._process.stdout
        variables = ["--vars", json.dumps(TEST_VARS), "--args", json.dumps(arguments)]
        words = ["--no-use-colors", "run-operation", macro, *variables]
        self._process.stdin.write(json.dumps(words).encode("ascii") + b"\n")
        self._process.stdin.flush()
        output = ""
        for line in self._process.stdout:
            text = line.decode(self.encoding)
            if text.startswith("EXIT CODE "):
                return int(text.split()[-1]), output
            output += text
        raise AssertionError(output)

    def end(self) -> str:
        """Answer what it printed after its last command."""
        rest, _ = self._process.communicate(timeout=60)
        assert self._process.returncode == 0
        return rest.decode(self.encoding)


@pytest.fixture(params=CONSOLES)
def console(
    request: pytest.FixtureRequest, workflow: Workflow, tmp_path: Path
) -> Iterator[Console]:
    """Give each console; nothing that it printed is a failure of its own."""
    with (tmp_path / "stderr").open("w+b") as stderr:
        found = Console(workflow, request.param, stderr)
        yield found
        rest = found.end()
        stderr.seek(0)
        _assert_no_failure_of_its_own(rest + stderr.read().decode(found.encoding))


def _assert_no_failure_of_its_own(output: str) -> None:
    assert "Traceback" not in output, output
    assert "Logging error" not in output


def test_every_verdict_is_readable(workflow: Workflow, console: Console) -> None:
    """A run that completes, one that fails and the doctor lose no line to the console."""
    is_unicode = console.encoding == "utf-8"
    no, yes = ("❌", "✅") if is_unicode else ("FAILED", "OK")
    policy = {"policy_name": NAME}
    code, completed = console.run("run_policy_workflow", policy_data=policy, execution_id="e")
    assert code == 0, completed
    assert f"{yes} policy_workflow: 1 of 1 execution(s) completed" in completed
    workflow.api.order(endpoint="create", extra={"policy_id": NAME})
    code, failed = console.run("run_policy_workflow", policy_data=policy, execution_id="f")
    assert code == 1
    healthy, diagnosed = console.run("diagnose_policy_execution")
    _, story = console.run("diagnose_policy_execution", execution_id="f")
    shown = NAME if is_unicode else "pol\\u00edtica_\\u65e5\\u672c OK"
    stored = f"{yes} Step 1: Policy created and stored in state table (policy_id {shown})"
    assert stored in failed
    assert f"{no} Step 2: Policy status not confirmed" in failed
    assert f"{no} policy_workflow: 1 of 1 execution(s) did not complete." in failed
    assert healthy == 0
    assert f"{yes} create_policy: current" in diagnosed
    assert ("pending → policy_created" if is_unicode else "pending -> policy_created") in story
    for output in (completed, failed, diagnosed, story):
        _assert_no_failure_of_its_own(output)
