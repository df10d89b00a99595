"""CALLs of the procedures that are killed, at a failpoint or at any moment."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from snowflake.connector.errors import Error

from local_snowflake.server import LocalSnowflake
from tests.integration.described_apis.described_runs import DescribedRuns


class KilledCalls:
    """Takes executions forward by CALLs, as a task does, and kills the processes that run them.

    Args:
        runs: the schema with its API; the procedures are registered.
        snowflake: whose processes are killed.
        orders: the folder in which failpoints are ordered to do something.

    """

    def __init__(self, runs: DescribedRuns, snowflake: LocalSnowflake, orders: Path) -> None:
        self._runs = runs
        self._snowflake = snowflake
        self._orders = orders
        self.kills = 0

    def create(self, name: str) -> bool:
        """Claim and create one policy; answers whether the CALL came to its end."""
        return self._call("create_policy", executions=[self._runs.policy(name)])

    def decide(self, name: str, **decision: str) -> bool:
        """Say what a person decided of an execution; answers whether the CALL came to its end."""
        return self._call("create_policy", executions=[{"execution_id": name}], **decision)

    def advance(self) -> bool:
        """Poll and trigger what is due; answers whether the CALL came to its end."""
        return self._call("advance_policy_workflow")

    def kill_at(self, point: str, name: str) -> bool:
        """Take an execution forward until it is killed at a failpoint; answers whether it was."""
        order = self._orders / point
        order.write_text("kill", encoding="utf-8")
        done = order.with_name(f"{point}.reached")
        for number in range(4):
            if number:
                self.advance()
            else:
                self.create(name)
            if done.exists():
                self.kills += 1
                self._runs.end_leases()
                done.unlink()
                return True
        order.unlink()
        return False

    def kill_after(self, seconds: float, name: str, *, creates: bool) -> None:
        """Take an execution forward, and kill the process that does it after so many seconds."""
        begun = threading.Event()
        killer = threading.Thread(target=self._kill_soon, args=(seconds, begun))
        killer.start()
        begun.wait()
        ended = self.create(name) if creates else self.advance()
        killer.join()
        self.kills += not ended
        self._runs.end_leases()

    def _kill_soon(self, seconds: float, begun: threading.Event) -> None:
        begun.set()
        time.sleep(seconds)
        warm = self._snowflake._processes._process
        assert warm
        children = Path(f"/proc/{warm.pid}/task/{warm.pid}/children").read_text(encoding="ascii")
        for pid in children.split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)

    def _call(self, procedure: str, **request: Any) -> bool:
        try:
            self._runs.workflow.call(procedure, {"invocation_id": "killed-*", **request})
        except Error:
            return False
        return True
