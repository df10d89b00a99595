"""A session of the real connector in a schema of its own."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import snowflake.connector
from snowflake.connector import SnowflakeConnection
from snowflake.connector.errors import ProgrammingError

from local_snowflake.account_setup import AccountSetup
from local_snowflake.server import LocalSnowflake
from local_snowflake.sessions.session import Session
from local_snowflake.statements.evaluation import runner_of

SETUP = AccountSetup(
    database="SAMPLE_DB",
    warehouse="SAMPLE_WH",
    schema="SAMPLE_SCHEMA",
    network_rule="SAMPLE_RULE",
    integration="SAMPLE_ACCESS",
    default_role="SAMPLE_ROLE",
    admin_roles=frozenset({"SAMPLE_ROLE"}),
)
CREATE = """
create or replace procedure {name}({arguments}) returns {returns} language python
runtime_version = '3.11' packages = ('snowflake-snowpark-python', 'requests') handler = 'run'
{options} as $$
{body}
$$ /* a comment that dbt appends */
"""


def connect(
    server: LocalSnowflake, schema: str = "SAMPLE_SCHEMA", **more: Any
) -> SnowflakeConnection:
    """Open a session with the real connector, in the account's warehouse where none is given."""
    more.setdefault("warehouse", "SAMPLE_WH")
    return snowflake.connector.connect(
        account="local",
        user="test",
        password="test",
        host=server.host,
        port=server.port,
        protocol="http",
        database=more.pop("database", "SAMPLE_DB"),
        schema=schema,
        paramstyle="qmark",
        **more,
    )


def execute(connection: SnowflakeConnection, sql: str, *params: Any) -> Any:
    """Run one statement; answers the cursor."""
    return connection.cursor().execute(sql, params or None)


class Account:
    """A session, with a short way to make procedures."""

    def __init__(self, server: LocalSnowflake, schema: str | None = None, **more: Any) -> None:
        self.server = server
        self.schema = schema or f"T_{uuid.uuid4().hex[:10].upper()}"
        if not server.setup.empty:
            server.make_schema(self.schema)
        self.connection = connect(server, self.schema, **more)
        self.role = more.get("role", "SAMPLE_ROLE")

    def _session(self) -> Session:
        return next(
            one for one in self.server.sessions.all() if one.schema == self.schema
        )  # fmt: skip

    def in_duckdbs_words(self, sql: str) -> str:
        """What DuckDB is given of a statement."""
        with self.server.connect("SAMPLE_DB", self.schema) as connection:
            (parsed,) = self.server.account.translations.parse(sql)
            found = self.server.account.translations.translate(
                connection.cursor(), parsed, sql, runner_of(self._session()).columns
            )
        assert found is not None
        return str(found.sql(dialect="duckdb"))

    def run(self, sql: str, *params: Any) -> list[Any]:
        """Run one statement and fetch its rows."""
        return list(execute(self.connection, sql, *params).fetchall())

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Run one statement and fetch its rows by the names of their columns."""
        cursor = execute(self.connection, sql)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def names(self, sql: str) -> list[str]:
        """Run a SHOW and give the names that it shows, without what is built in."""
        return [row["name"] for row in self.rows(sql) if row.get("is_builtin") != "Y"]

    def refused(self, sql: str) -> tuple[int | None, str | None]:
        """Run a statement that must fail; gives Snowflake's error number and SQLSTATE."""
        with pytest.raises(ProgrammingError) as caught:
            self.run(sql)
        return caught.value.errno, caught.value.sqlstate

    def value(self, sql: str, *params: Any) -> Any:
        """Run one statement and give the first value of its first row."""
        return self.run(sql, *params)[0][0]

    def procedure(
        self, name: str, body: str, arguments: str = "", returns: str = "variant", options: str = ""
    ) -> None:
        """Create a Python procedure with handler `run`."""
        self.run(
            CREATE.format(
                name=name, arguments=arguments, returns=returns, options=options, body=body
            )
        )


def let_in(admin: Account, role: str) -> None:
    """Give a role the warehouse, the database and the schema of an account."""
    admin.run(f"grant usage on warehouse sample_wh to role {role}")
    admin.run(f"grant usage on database sample_db to role {role}")
    admin.run(f"grant usage on schema sample_db.{admin.schema} to role {role}")


def place_of(account: Account) -> str:
    """DATABASE.SCHEMA of a session."""
    return f"sample_db.{account.schema}"
