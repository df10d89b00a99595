"""Schemas in which the workflow is deployed: made once, and emptied between tests.

A deployment takes longer than what most tests do with it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from snowflake.connector.errors import ProgrammingError

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

    Views and other tables that a test has left are dropped. A schema that a test has left
    otherwise, with other settings, columns or procedures, is not given again.

    Args:
        account: where they are.
        own_schemas: what makes and drops them.
        api: the policy API of their procedures.

    """

    def __init__(self, account: Account, own_schemas: OwnSchemas, api: ReachedApi) -> None:
        self._account = account
        self._own_schemas = own_schemas
        self._api = api
        self._free: list[tuple[str, Any]] = []

    @contextmanager
    def one(self) -> Iterator[str]:
        """Give a schema; nobody else has it until the end."""
        schema, deployed = self._free.pop() if self._free else self._new()
        yield schema
        with tempfile.TemporaryDirectory() as folder:
            workflow = self._workflow(schema, folder)
            _drop_what_is_not_deployed(workflow)
            if self._objects(workflow) == deployed:
                for table in TABLES:
                    workflow.query(f"truncate table {table}")
                self._free.append((schema, deployed))
            else:
                self._own_schemas.drop(schema)
            workflow.connection.close()

    def _new(self) -> tuple[str, Any]:
        schema = self._own_schemas.new()
        with tempfile.TemporaryDirectory() as folder:
            workflow = self._workflow(schema, folder)
            ran = workflow.run("deploy_policy_workflow")
            assert ran.success, ran.output
            objects = self._objects(workflow)
            workflow.connection.close()
        return schema, objects

    def _workflow(self, schema: str, folder: str) -> Workflow:
        return Workflow(self._account, self._api, Path(folder), schema)

    def _objects(self, workflow: Workflow) -> Any:
        """What is in the schema, by name, owner and comment, which holds a procedure's hash."""
        shown = [
            (kind, row["name"], row.get("owner"), row.get("comment"), row.get("description"))
            for kind in ("tables", "views", "procedures")
            for row in workflow.query(f"show {kind} in schema {workflow.place}")
        ]
        columns = [
            (table, row["name"])
            for table in workflow.names("tables")
            for row in workflow.query(f"describe table {table}")
        ]
        return sorted(map(str, shown)), columns


def _drop_what_is_not_deployed(workflow: Workflow) -> None:
    for kind, kept in (("view", ()), ("table", TABLES)):
        for row in workflow.query(f"show {kind}s in schema {workflow.place}"):
            if row["name"].lower() not in kept:
                quoted = row["name"].replace('"', '""')
                with suppress(ProgrammingError):
                    workflow.query(f'drop {kind} {workflow.place}."{quoted}"')
