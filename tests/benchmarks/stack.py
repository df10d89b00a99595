"""The local stack as its users have it: each server in a process of its own."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import requests
import snowflake.connector

from local_stack.policy_api import PolicyApi
from tests.benchmarks.processes import Cost, run
from tests.repository import ROOT

START_SECONDS = 60


@dataclass
class Stack:
    """A local Snowflake, a policy API, and dbt beside them."""

    environment: dict[str, str]
    folder: Path
    first_answer_seconds: float

    @property
    def api(self) -> str:
        """Where the policy API answers."""
        return self.environment["POLICY_API_BASE_URL"]

    def order(self, **behaviour: Any) -> None:
        """Let the API behave so from now on, and forget what it received."""
        for path in ("behaviours", "journal"):
            requests.delete(f"{self.api}/_control/{path}", timeout=60).raise_for_status()
        order = requests.put(f"{self.api}/_control/behaviours", json=[behaviour], timeout=60)
        order.raise_for_status()

    def count_of_requests(self) -> int:
        """How many requests the API has received since its last order."""
        return len(requests.get(f"{self.api}/_control/journal", timeout=60).json())

    def connect(self) -> snowflake.connector.SnowflakeConnection:
        """Open a session, as a user would."""
        settings = self.environment
        return snowflake.connector.connect(
            account=settings["SNOWFLAKE_ACCOUNT"],
            user=settings["SNOWFLAKE_USER"],
            password=settings["SNOWFLAKE_PASSWORD"],
            host=settings["SNOWFLAKE_HOST"],
            port=int(settings["SNOWFLAKE_PORT"]),
            protocol=settings["SNOWFLAKE_PROTOCOL"],
            database=settings["SNOWFLAKE_DATABASE"],
            schema=settings["SNOWFLAKE_SCHEMA"],
            warehouse=settings["SNOWFLAKE_WAREHOUSE"],
            paramstyle="qmark",
        )

    def query(self, sql: str, *params: Any) -> list[Any]:
        """Run one statement."""
        with self.connect() as connection:
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


def _serve(pipe: Connection) -> None:
    with PolicyApi() as api:
        pipe.send(api.base_url)
        pipe.recv()


@contextlib.contextmanager
def stack() -> Iterator[Stack]:
    """Start both servers; the policy API answers 'ready' at the first poll."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    api = context.Process(target=_serve, args=(there,), daemon=True)
    api.start()
    url = here.recv()
    with tempfile.TemporaryDirectory(prefix="benchmark_") as name:
        folder = Path(name)
        env_file = folder / "environment"
        command = ["-m", "local_stack", "up", "--env-file", str(env_file), "--policy-api-url", url]
        started = time.perf_counter()
        server = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            while not env_file.exists():
                if server.poll() is not None or time.perf_counter() - started > START_SECONDS:
                    raise RuntimeError("the local stack did not start")
                time.sleep(0.01)
            lines = env_file.read_text(encoding="utf-8").splitlines()
            found = Stack(dict(line.split("=", 1) for line in lines), folder, 0.0)
            found.query("select 1")
            found.first_answer_seconds = time.perf_counter() - started
            found.order(statuses=["ready"])
            yield found
        finally:
            server.terminate()
            server.wait()
            here.send("stop")
            api.join()
