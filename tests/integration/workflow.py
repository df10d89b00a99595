"""Runs the project's operations in a schema of their own, and looks at what they left."""

from __future__ import annotations

import json
import os
import shutil
import uuid
import warnings
from dataclasses import dataclass
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
            role=role,
            paramstyle="qmark",
        )

    def run(self, macro: str = "run_policy_workflow", **arguments: Any) -> Ran:
        """Run an operation; `project_vars` overrides vars, the rest goes to --args."""
        overrides = TEST_VARS | arguments.pop("project_vars", {})
        command = ["run-operation", macro, "--vars", json.dumps(overrides)]
        if arguments:
            command += ["--args", yaml.safe_dump(arguments, width=float("inf"))]
        return self.dbt(*command)

    def dbt(self, *command: str) -> Ran:
        """Run a dbt command in this process."""
        lines: list[str] = []
        runner = dbtRunner(callbacks=[lambda event: lines.append(event.info.msg)])
        before = len(self.snowflake.statements)
        kept = dict(os.environ)
        os.environ.update(self.environment)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = runner.invoke(
                    [
                        *command,
                        "--project-dir",
                        str(ROOT),
                        "--profiles-dir",
                        str(self.folder),
                        "--target-path",
                        str(self.folder / "target"),
                        "--log-path",
                        str(self.folder / "logs"),
                    ]
                )
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
