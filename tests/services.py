"""Commands of the local stack as processes of their own, as its users have them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.repository import ROOT

START_SECONDS = 60


@contextmanager
def service(
    *arguments: str, file: Path, environment: Mapping[str, str] | None = None
) -> Iterator[dict[str, str]]:
    """Run a command of the local stack; gives the variables that it writes when it answers.

    Args:
        arguments: those of `python -m local_stack`.
        file: where it writes the variables.
        environment: its own (default: this process's).

    Raises:
        RuntimeError: it ended, or did not answer in time.

    """
    command = [sys.executable, "-m", "local_stack", *arguments, "--env-file", str(file)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as running:
        try:
            limit = time.monotonic() + START_SECONDS
            while not file.exists():
                if running.poll() is not None or time.monotonic() > limit:
                    raise RuntimeError(f"did not start: {' '.join(command)}")
                time.sleep(0.01)
            lines = file.read_text(encoding="utf-8").splitlines()
            yield dict(line.split("=", 1) for line in lines)
        finally:
            running.terminate()
