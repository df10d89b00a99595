"""Runs the project's operations in a schema of their own, and looks at what they left."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import snowflake.connector
import yaml
from dbt.cli.main import dbtRunner

from tests.account.account import Account
from tests.account.policy_api import ReachedApi
from tests.integration.described_apis.default_description import described_default
from tests.integration.parsed_project import invoked, parsed_project, placed_project
from tests.repository import ROOT

# With it every run describes the sample API in the var policy_api, which is to change nothing.
DESCRIBED = os.environ.get("POLICY_TEST_DESCRIBED") == "1"
# Polls need not wait in tests.
TEST_VARS = {"policy_poll_interval_seconds": 0}


# The commands that need no parsing of their own.
PARSED_BEFORE = ("build", "compile", "docs", "list", "ls", "run", "run-operation", "show", "test")


def literal(text: str) -> str:
    """A text as SQL has it: CALL takes no bound values on every version."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def vars_of(command: Sequence[str]) -> dict[str, Any]:
    """The vars that a dbt command is given."""
    if "--vars" not in command:
        return {}
    given: dict[str, Any] = yaml.safe_load(command[command.index("--vars") + 1])
    return given


@dataclass
class Ran:
    """What one dbt command came to."""

    success: bool
    output: str
    statements: list[str]


class Workflow:
    """Runs the project's operations in one schema, and looks at what they left.

    Args:
        account: where it runs.
        api: the policy API that its policies go to.
        folder: for what dbt writes.
        schema: the schema, which is there.

    """

    def __init__(self, account: Account, api: ReachedApi, folder: Path, schema: str) -> None:
        self.account = account
        self.api = api
        self.schema = schema
        self.folder = folder
        self.environment = {
            **account.environment,
            "SNOWFLAKE_SCHEMA": self.schema,
            "POLICY_API_BASE_URL": api.base_url,
            "DBT_PROFILES_DIR": str(folder),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }
        shutil.copy(ROOT / "profiles.example.yml", folder / "profiles.yml")
        self.connection = self.connect()

    @property
    def place(self) -> str:
        """Database and schema."""
        return f"{self.account.database}.{self.schema}"

    @property
    def integrations(self) -> list[str]:
        """The external access integrations that lead to the API."""
        named = self.account.project_vars.get("policy_external_access_integrations")
        return list(named or ["API_EXTERNAL_ACCESS"])

    def connect(self, role: str | None = None) -> snowflake.connector.SnowflakeConnection:
        """Open a session in the test's schema, with the account's role or another one."""
        return self.account.connect(schema=self.schema, role=role or self.account.role)

    def run(self, macro: str = "run_policy_workflow", **arguments: Any) -> Ran:
        """Run an operation; `project_vars` overrides vars, `flags` are dbt's, the rest is --args.

        The project is parsed once for all tests: an operation needs its macros only, and reads
        vars when it runs.
        """
        overrides = TEST_VARS | arguments.pop("project_vars", {})
        command = [
            *arguments.pop("flags", ()),
            "run-operation",
            macro,
            "--vars",
            json.dumps(overrides),
        ]
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
        """Run a dbt command in this process; its statements are those that dbt says it sent.

        This project is parsed once for its vars, but for a command that is about parsing.
        """
        words = self.with_vars(*command)
        if manifest is None and project == ROOT and words[0] in PARSED_BEFORE:
            manifest = placed_project(vars_of(words), self.account.database, self.schema)
        lines: list[str] = []
        sent: list[str] = []

        def hear(event: Any) -> None:
            lines.append(event.info.msg)
            if event.info.name == "SQLQuery":
                sent.append(event.data.sql)

        runner = dbtRunner(manifest, [hear])
        kept = dict(os.environ)
        os.environ.update(self.environment)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = invoked(runner, [*words, "--project-dir", str(project)])
        finally:
            os.environ.clear()
            os.environ.update(kept)
        if result.exception:
            lines.append(str(result.exception))
        return Ran(bool(result.success), "\n".join(lines), sent)

    def with_vars(self, *command: str) -> list[str]:
        """A dbt command with the vars that the account needs; its own ones come first."""
        if not self.account.project_vars and not DESCRIBED:
            return list(command)
        place = command.index("--vars") if "--vars" in command else len(command)
        given = {**self.account.project_vars, **vars_of(command)}
        if DESCRIBED:
            given.setdefault("policy_api", described_default(given))
        return [*command[:place], "--vars", yaml.safe_dump(given), *command[place + 2 :]]

    def query(self, sql: str, params: list[Any] | None = None) -> list[dict[str, Any]]:
        """Run SQL in the test's schema, as a user would."""
        cursor: Any = self.connection.cursor(snowflake.connector.DictCursor)
        return [dict(row) for row in cursor.execute(sql, params).fetchall()]

    def call(self, procedure: str, request: dict[str, Any], **session: str) -> Any:
        """CALL a procedure as a run of its own would, in a session with these parameters."""
        with self.connect() as connection:
            cursor: Any = connection.cursor()
            for name, value in session.items():
                cursor.execute(f"alter session set {name} = {literal(value)}")
            cursor.execute(f"call {procedure}({literal(json.dumps(request))})")
            return json.loads(cursor.fetchone()[0])

    def names(self, kind: str) -> list[str]:
        """The names of the tables, views or procedures in the test's schema."""
        shown = self.query(f"show {kind} in schema {self.place}")
        return sorted(row["name"].lower() for row in shown if row.get("is_builtin") != "Y")

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
