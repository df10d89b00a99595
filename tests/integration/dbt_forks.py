"""Processes of dbt that begin where its imports and the reading of the project have ended.

A start of dbt takes longer than most commands. A process that is forked from one that has started
is a process of its own all the same, with its signals, exit code and memory.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.repository import ROOT

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.integration.started_dbt"])


class DbtFork:
    """One dbt command in a process of its own.

    Args:
        command: the words after `dbt`.
        environment: the stack's, and what leads dbt to its profile.
        folder: for what dbt and the process write.

    """

    def __init__(self, command: list[str], environment: Mapping[str, str], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._output = folder / "output.txt"
        places = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
        words = [*command, "--project-dir", str(ROOT), *places]
        self._process = _FORKS.Process(
            target=_run, args=(words, {**os.environ, **environment}, self._output), daemon=True
        )
        self._process.start()

    @property
    def output(self) -> str:
        """What it has printed."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        """Kill it, and wait for its end."""
        self._process.kill()
        self._process.join()

    def wait(self, timeout: float) -> int:
        """Wait for its end; answers the exit code, negative for a signal.

        Raises:
            TimeoutExpired: it did not end in time.

        """
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._output.name, timeout, self.output)
        return self._process.exitcode


def _run(words: list[str], environment: dict[str, str], output: Path) -> None:
    """Run dbt as its command does, in the process that was forked."""
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(written, sys.stdout.fileno())
    os.dup2(written, sys.stderr.fileno())
    os.environ.clear()
    os.environ.update(environment)
    from tests.integration.started_dbt import invoke

    sys.exit(0 if invoke(words) else 1)
