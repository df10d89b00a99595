"""Runs commands as whole processes, and watches those in which procedures run."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PROCEDURES = b"local_snowflake.procedures.process"
LOOK_SECONDS = 0.02
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """What a command came to, by the operating system's own accounting."""

    wall_seconds: float
    cpu_seconds: float
    peak_mib: float


def run(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Cost:
    """Run a command to its end; its output goes to a file.

    Raises:
        RuntimeError: when its exit code is not 0; with the end of its output.

    """
    with log.open("ab") as output:
        started = time.perf_counter()
        child = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{command} failed:\n{log.read_text(encoding='utf-8')[-3000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


@dataclass
class ProcedureCosts:
    """What the processes of CALLs came to: seconds of processor and largest memory."""

    cpu_seconds: dict[int, float] = field(default_factory=dict)
    peak_mib: dict[int, float] = field(default_factory=dict)

    def look(self) -> None:
        """Take the figures of the processes that are there now."""
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                with contextlib.suppress(OSError, ValueError, IndexError):
                    self._take(folder)

    def _take(self, folder: Path) -> None:
        if PROCEDURES not in (folder / "cmdline").read_bytes():
            return
        _, _, rest = (folder / "stat").read_text().rpartition(")")
        fields = rest.split()
        parent = int(fields[1])
        # The warm process waits for calls; each CALL is a child of it with the same command line.
        if PROCEDURES not in Path(f"/proc/{parent}/cmdline").read_bytes():
            return
        pid = int(folder.name)
        self.cpu_seconds[pid] = (int(fields[11]) + int(fields[12])) / TICKS
        peak = (folder / "status").read_text().partition("VmHWM:")[2].split()[0]
        self.peak_mib[pid] = int(peak) / 1024


@contextlib.contextmanager
def watched_procedures() -> Iterator[ProcedureCosts]:
    """Look at the processes of CALLs again and again while something else runs."""
    costs = ProcedureCosts()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_SECONDS):
            costs.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield costs
    finally:
        over.set()
        watcher.join()
