"""Schemas in which the workflow is deployed: made once, and emptied between tests.

A deployment takes longer than what most tests do with it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from snowflake.connector import DictCursor, SnowflakeConnection
from snowflake.connector.errors import ProgrammingError

from local_snowflake.protocol.endpoints import Statement
from tests.account.account import Account, OwnSchemas
from tests.account.policy_api import ReachedApi
from tests.integration.workflow import Workflow

TABLES = (
    "policy_api_breakers",
    "policy_execution_events",
    "policy_execution_runs",
    "policy_execution_state",
)


class DeployedSchemas:
    """Gives schemas that hold our tables, without rows, and our procedures, and nothing else.

    Views and other tables that a test has left are dropped, and procedures with other settings are
    replaced. A schema that a test has left otherwise, with other columns or procedures, is not
    given again.

    Args:
        account: where they are.
        own_schemas: what makes and drops them.
        api: the policy API of their procedures.
        sent: the statements that have been sent, where this is known.

    """

    def __init__(
        self,
        account: Account,
        own_schemas: OwnSchemas,
        api: ReachedApi,
        sent: Sequence[Statement] | None,
    ) -> None:
        self._account = account
        self._own_schemas = own_schemas
        self._api = api
        self._sent = sent
        # What registers our procedures in the schema that is named.
        self._registers: tuple[str, list[str]] | None = None
        self._free: list[tuple[str, Any]] = []
        # One session for all that is done between tests.
        self._session: SnowflakeConnection | None = None

    def __enter__(self) -> DeployedSchemas:
        return self

    def __exit__(self, *_: object) -> None:
        """Sign off; the schemas are dropped with the others of their maker."""
        if self._session:
            self._session.close()

    @contextmanager
    def one(self) -> Iterator[str]:
        """Give a schema; nobody else has it until the end."""
        schema, deployed = self._free.pop() if self._free else self._new()
        yield schema
        is_deployed = self._objects(schema) == deployed
        for mend in (self._drop_what_is_not_deployed, self._register_procedures):
            if not is_deployed:
                mend(schema)
                is_deployed = self._objects(schema) == deployed
        if is_deployed:
            for table in TABLES:
                # Not TRUNCATE, after which the local Snowflake would look up all types again.
                self._query(f"delete from {self._place(schema)}.{table}")
            self._free.append((schema, deployed))
        else:
            self._own_schemas.drop(schema)

    def _new(self) -> tuple[str, Any]:
        schema = self._own_schemas.new()
        before = len(self._sent or ())
        with tempfile.TemporaryDirectory() as folder:
            workflow = Workflow(self._account, self._api, Path(folder), schema)
            ran = workflow.run("deploy_policy_workflow")
            assert ran.success, ran.output
            workflow.connection.close()
        if self._sent is not None:
            sent = [statement.sql for statement in self._sent[before:]]
            registers = [sql for sql in sent if sql.startswith("create or replace procedure")]
            self._registers = schema, registers
        return schema, self._objects(schema)

    def _place(self, schema: str) -> str:
        return f"{self._account.database}.{schema}"

    def _query(self, sql: str) -> list[dict[str, Any]]:
        if self._session is None:
            self._session = self._account.connect(schema=None)
        cursor: Any = self._session.cursor(DictCursor)
        return [dict(row) for row in cursor.execute(sql).fetchall()]

    def _shown(self, kind: str, schema: str) -> list[dict[str, Any]]:
        return self._query(f"show {kind} in schema {self._place(schema)}")

    def _objects(self, schema: str) -> Any:
        """What is in the schema, by name, owner and comment, which holds a procedure's hash."""
        shown = [
            (kind, row["name"], row.get("owner"), row.get("comment"), row.get("description"))
            for kind in ("tables", "views", "procedures", "secrets", "network rules")
            for row in self._shown(kind, schema)
        ]
        columns = self._query(
            "select table_name as of_table, column_name as name"
            f" from {self._account.database}.information_schema.columns"
            f" where table_schema = '{schema}' order by table_name, ordinal_position"
        )
        return sorted(map(str, shown)), columns

    def _register_procedures(self, schema: str) -> None:
        """Register the procedures as the last deployment has, in less time than dbt needs."""
        if self._registers:
            deployed_in, statements = self._registers
            with suppress(ProgrammingError):
                for sql in statements:
                    self._query(sql.replace(f".{deployed_in}.", f".{schema}."))

    def _drop_what_is_not_deployed(self, schema: str) -> None:
        for kind, kept in (("view", ()), ("table", TABLES)):
            for row in self._shown(f"{kind}s", schema):
                if row["name"].lower() not in kept:
                    quoted = row["name"].replace('"', '""')
                    with suppress(ProgrammingError):
                        self._query(f'drop {kind} {self._place(schema)}."{quoted}"')
