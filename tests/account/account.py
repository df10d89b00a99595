"""An account, local or not: what leads dbt to it, sessions, and schemas of a run's own."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import snowflake.connector
from snowflake.connector import DictCursor, SnowflakeConnection

from tests.account.sign_in import connector_parameters, target_of

PREFIX = "POLICY_TEST_"
# JSON of vars for every dbt command of the tests, as the name of another integration.
VARS_VARIABLE = "POLICY_TEST_VARS"


@dataclass(frozen=True)
class Account:
    """An account as tests reach it.

    Args:
        environment: the variables that lead dbt to it.
        project_vars: vars that the project needs there.

    """

    environment: Mapping[str, str]
    project_vars: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def local(cls, environment: Mapping[str, str]) -> Account:
        """The one that a local Snowflake's variables lead to."""
        return cls({**environment, "DBT_TARGET": target_of(environment)})

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Account:
        """The one that SNOWFLAKE_* lead to, with the vars of POLICY_TEST_VARS.

        Raises:
            NoWayInError: they name no way to sign in.
            ValueError: the vars are no JSON object.

        """
        own = {name: value for name, value in environment.items() if name.startswith("SNOWFLAKE_")}
        for name in ("SNOWFLAKE_DATABASE", "SNOWFLAKE_ROLE", "SNOWFLAKE_WAREHOUSE"):
            # As Snowflake itself writes them, which messages are compared with.
            own[name] = own.get(name, "").upper()
        project_vars = json.loads(environment.get(VARS_VARIABLE) or "{}")
        if not isinstance(project_vars, dict):
            raise ValueError("it is not an object")  # noqa: TRY004
        return cls({**own, "DBT_TARGET": target_of(own)}, project_vars)

    @property
    def database(self) -> str:
        """The database in which the tests make their schemas."""
        return self.environment["SNOWFLAKE_DATABASE"]

    @property
    def role(self) -> str:
        """The role that they have."""
        return self.environment["SNOWFLAKE_ROLE"]

    @property
    def warehouse(self) -> str:
        """The warehouse that computes for them."""
        return self.environment["SNOWFLAKE_WAREHOUSE"]

    def connect(self, **other: Any) -> SnowflakeConnection:
        """Open a session; `other` parameters of the connector come before the account's."""
        return snowflake.connector.connect(**connector_parameters(self.environment) | other)


class OwnSchemas:
    """Schemas under one prefix, which nobody else has; only these are ever dropped."""

    def __init__(self, account: Account) -> None:
        self.prefix = f"{PREFIX}{uuid.uuid4().hex[:10].upper()}"
        self._database = account.database
        # In no schema: one that it were in could not be dropped everywhere.
        self._session = account.connect(schema=None)
        self._made: set[str] = set()
        self._dropped: list[str] = []

    @contextmanager
    def one(self) -> Iterator[str]:
        """Make a schema; it is dropped in the end, and with it those whose names begin as its."""
        name = self.new()
        try:
            yield name
        finally:
            self.drop(name)

    def new(self) -> str:
        """Make a schema; a name is given again when its schema is dropped.

        So the local Snowflake meets texts that it has translated already.
        """
        name = self._dropped.pop() if self._dropped else f"{self.prefix}_{len(self._made) + 1:04}"
        self._made.add(name)
        self._session.cursor().execute(f"create schema {self._database}.{name}")
        return name

    def left(self, prefix: str) -> list[str]:
        """The schemas whose names begin so."""
        shown: Any = self._session.cursor(DictCursor).execute(
            f"show schemas like '{prefix}%' in database {self._database}"
        )
        return sorted(row["name"] for row in shown.fetchall() if row["name"].startswith(prefix))

    def __enter__(self) -> OwnSchemas:
        return self

    def __exit__(self, *_: object) -> None:
        """Drop what is left of them, and sign off."""
        self.drop(self.prefix)
        self._session.close()

    def drop(self, name: str) -> None:
        """Drop a schema, and those whose names begin as its."""
        for found in self.left(name):
            if found == name or found.startswith(f"{name}_"):
                self._session.cursor().execute(f"drop schema if exists {self._database}.{found}")
        if name in self._made:
            self._dropped.append(name)
