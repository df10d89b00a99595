"""The local stack as its users have it: each server in a process of its own."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.account.account import Account
from tests.account.policy_api import ReachedApi
from tests.benchmarks.processes import Cost, run
from tests.repository import ROOT
from tests.services import service


@dataclass
class Stack:
    """A local Snowflake, a policy API, and dbt beside them."""

    account: Account
    api: ReachedApi
    environment: dict[str, str]
    folder: Path
    first_answer_seconds: float

    def order(self, **behaviour: Any) -> None:
        """Let the API behave so from now on, and forget all else."""
        self.api.reset()
        self.api.order(**behaviour)

    def count_of_requests(self) -> int:
        """How many requests the API has received since its last order."""
        return len(self.api.journal())

    def query(self, sql: str, *params: Any) -> list[Any]:
        """Run one statement."""
        with self.account.connect() as connection:
            found: Any = connection.cursor().execute(sql, params or None)
            return list(found.fetchall())

    def operation(
        self,
        macro: str,
        *more: str,
        project: Path = ROOT,
        target: Path | None = None,
        **arguments: Any,
    ) -> Cost:
        """Run an operation in a dbt process of its own; polls need not wait.

        Args:
            macro: its name.
            more: options of dbt.
            project: the dbt project.
            target: where dbt keeps what it has parsed (default: one folder for all).
            arguments: what --args holds.

        """
        variables = json.dumps({"policy_poll_interval_seconds": 0})
        command = [
            "run-operation",
            macro,
            "--project-dir",
            str(project),
            "--vars",
            variables,
            *more,
        ]
        if arguments:
            command += ["--args", json.dumps(arguments)]
        places = {
            "DBT_TARGET_PATH": str(target or self.folder / f"target_{project.name}"),
            "DBT_LOG_PATH": str(self.folder),
        }
        dbt = str(Path(sys.executable).with_name("dbt"))
        return run([dbt, *command], self.environment | places, self.folder / "dbt.out")

    def policies(self, table: str, count: int) -> None:
        """Make a table of policies."""
        self.query(f"create or replace table {table} (policy_data variant)")
        for start in range(0, count, 5000):
            numbers = range(start, min(start + 5000, count))
            listed = json.dumps([{"policy_name": f"p{n}", "n": n} for n in numbers])
            self.query(
                f"insert into {table} select f.value "
                "from (select parse_json(?) as j) p, lateral flatten(input => p.j) f",
                listed,
            )


@contextlib.contextmanager
def stack() -> Iterator[Stack]:
    """Start both servers; the policy API answers 'ready' at the first poll."""
    with contextlib.ExitStack() as open_things:
        name = open_things.enter_context(tempfile.TemporaryDirectory(prefix="benchmark_"))
        folder = Path(name)
        api = open_things.enter_context(service("policy-api", file=folder / "api.env"))
        url = api["POLICY_API_BASE_URL"]
        started = time.perf_counter()
        environment = open_things.enter_context(
            service("up", "--policy-api-url", url, file=folder / "stack.env")
        )
        found = Stack(Account.local(environment), ReachedApi(url), environment, folder, 0.0)
        found.query("select 1")
        found.first_answer_seconds = time.perf_counter() - started
        found.order(statuses=["ready"])
        yield found
