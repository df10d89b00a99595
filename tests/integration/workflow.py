"""Runs the project's operations in a schema of their own, and looks at what they left."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import tempfile
import uuid
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import snowflake.connector
import yaml
from dbt.cli.main import dbtRunner

from local_stack.policy_api import PolicyApi
from local_stack.snowflake.server import LocalSnowflake
from tests.repository import ROOT

# Polls need not wait in tests.
TEST_VARS = {"policy_poll_interval_seconds": 0}


@cache
def parsed_project() -> Any:
    """Parse the project; answers dbt's manifest."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "profiles.example.yml", Path(folder) / "profiles.yml")
        places = ["--profiles-dir", folder, "--target-path", folder, "--log-path", folder]
        result = dbtRunner().invoke(
            ["--quiet", "parse", "--no-partial-parse", "--project-dir", str(ROOT), *places]
        )
    if not result.success:
        raise RuntimeError("the project does not parse") from result.exception
    return result.result


@dataclass
class Ran:
    """What one dbt command came to."""

    success: bool
    output: str
    statements: list[str]


class Workflow:
    """Runs the project's operations in one schema, and looks at what they left."""

    def __init__(self, snowflake_: LocalSnowflake, api: PolicyApi, folder: Path) -> None:
        self.snowflake = snowflake_
        self.api = api
        self.schema = f"TEST_{uuid.uuid4().hex[:12].upper()}"
        self.folder = folder
        self.environment = {
            **snowflake_.environment(),
            "SNOWFLAKE_SCHEMA": self.schema,
            "POLICY_API_BASE_URL": api.base_url,
            "DBT_PROFILES_DIR": str(folder),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }
        shutil.copy(ROOT / "profiles.example.yml", folder / "profiles.yml")
        self.connection = self.connect()

    def connect(self, role: str | None = None) -> snowflake.connector.SnowflakeConnection:
        """Open a session in the test's schema."""
        return snowflake.connector.connect(
            account="local",
            user="test",
            password="test",
            host=self.snowflake.host,
            port=self.snowflake.port,
            protocol="http",
            database="POLICY_DB",
            schema=self.schema,
            warehouse="POLICY_WH",
            role=role,
            paramstyle="qmark",
        )

    def run(self, macro: str = "run_policy_workflow", **arguments: Any) -> Ran:
        """Run an operation; `project_vars` overrides vars, the rest goes to --args.

        The project is parsed once for all tests: an operation needs its macros only, and reads
        vars when it runs.
        """
        overrides = TEST_VARS | arguments.pop("project_vars", {})
        command = ["run-operation", macro, "--vars", json.dumps(overrides)]
        if arguments:
            command += ["--args", yaml.safe_dump(arguments, width=float("inf"))]
        return self.dbt(*command, manifest=parsed_project())

    def diagnose(self, **arguments: Any) -> dict[str, Any]:
        """Run the diagnosis; answers its JSON."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            ran = self.run("diagnose_policy_execution", output="json", **arguments)
        found = [line for line in printed.getvalue().splitlines() if line.startswith("{")]
        assert len(found) == 1, ran.output
        answer: dict[str, Any] = json.loads(found[0])
        return answer

    def dbt(self, *command: str, manifest: Any = None, project: Path = ROOT) -> Ran:
        """Run a dbt command in this process."""
        lines: list[str] = []
        runner = dbtRunner(manifest, [lambda event: lines.append(event.info.msg)])
        before = len(self.snowflake.statements)
        kept = dict(os.environ)
        os.environ.update(self.environment)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = runner.invoke([*command, "--project-dir", str(project)])
        finally:
            os.environ.clear()
            os.environ.update(kept)
        if result.exception:
            lines.append(str(result.exception))
        sent = [s.sql for s in self.snowflake.statements[before:] if s.kind == "client"]
        return Ran(bool(result.success), "\n".join(lines), sent)

    def query(self, sql: str, params: list[Any] | None = None) -> list[dict[str, Any]]:
        """Run SQL in the test's schema, as a user would."""
        cursor: Any = self.connection.cursor(snowflake.connector.DictCursor)
        return [dict(row) for row in cursor.execute(sql, params).fetchall()]

    def names(self, kind: str) -> list[str]:
        """The names of the tables, views or procedures in the test's schema."""
        shown = self.query(f"show {kind} in schema POLICY_DB.{self.schema}")
        return sorted(row["name"].lower() for row in shown)

    def rows(self) -> list[dict[str, Any]]:
        """All rows of the state table."""
        return self.query('select * from policy_execution_state order by "execution_id"')

    def row(self) -> dict[str, Any]:
        """The only row of the state table."""
        rows = self.rows()
        assert len(rows) == 1
        return rows[0]

    def events(self) -> list[dict[str, Any]]:
        """All events, in order."""
        return self.query(
            'select * from policy_execution_events order by "execution_id", "sequence"'
        )

    def sent(self, endpoint: str) -> list[Any]:
        """The JSON bodies that the API received at an endpoint."""
        return [entry.json for entry in self.api.journal(endpoint)]
