"""A process that runs dbt commands one after the other, in a session time zone of its own.

dbt cannot run two commands at once in one process, and its start takes longer than a command.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from typing import Any

from tests.repository import ROOT


@dataclass
class Command:
    """What one dbt command came to; `asked_at` is when its last statement was sent."""

    success: bool
    output: str
    invocation_id: str
    asked_at: float


class DbtProcess:
    """One process of its own; commands come and go as lines of JSON.

    Args:
        environment: the stack's, and the place of what dbt writes.
        session: parameters of each of its sessions, such as TIMEZONE.

    """

    def __init__(self, environment: dict[str, str], session: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", __name__, json.dumps(session)],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._lock = threading.Lock()

    def run(self, macro: str, arguments: dict[str, Any], project_vars: dict[str, Any]) -> Command:
        """Run an operation to its end."""
        with self._lock:
            assert self._process.stdin
            assert self._process.stdout
            line = json.dumps([macro, arguments, project_vars])
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            while not (answer := self._process.stdout.readline()).startswith("{"):
                assert answer, "the dbt process ended"
            return Command(**json.loads(answer))

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()


def _serve(session: dict[str, str]) -> None:
    """Run what comes on standard input."""
    import snowflake.connector
    from dbt.cli.main import dbtRunner

    from tests.integration.parsed_project import parsed_project

    connect = snowflake.connector.connect

    def connect_in_zone(*args: Any, **more: Any) -> Any:
        more["session_parameters"] = {**(more.get("session_parameters") or {}), **session}
        return connect(*args, **more)

    snowflake.connector.connect = connect_in_zone  # type: ignore[assignment]
    manifest = parsed_project()
    for line in sys.stdin:
        macro, arguments, project_vars = json.loads(line)
        seen: dict[str, Any] = {"id": "", "at": 0.0}
        lines: list[str] = []

        def hear(event: Any, seen: dict[str, Any] = seen, lines: list[str] = lines) -> None:
            seen["id"] = event.info.invocation_id
            if event.info.level in ("info", "warn", "error"):
                lines.append(event.info.msg)
            if event.info.name == "SQLQuery":
                seen["at"] = time.time()

        result = dbtRunner(manifest, [hear]).invoke(
            [
                "run-operation",
                macro,
                "--args",
                json.dumps(arguments),
                "--vars",
                json.dumps(project_vars),
                "--project-dir",
                str(ROOT),
                "--quiet",
            ]
        )
        if result.exception:
            lines.append(str(result.exception))
        command = Command(bool(result.success), "\n".join(lines), str(seen["id"]), seen["at"])
        sys.stdout.write(json.dumps(asdict(command)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve(json.loads(sys.argv[1]))
