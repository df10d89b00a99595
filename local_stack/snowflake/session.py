"""One session: runs statements, on fakesnow or by our own hand."""

from __future__ import annotations

import contextlib
import logging
import re
import secrets
import threading
import time
import uuid
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import duckdb
from fakesnow.conn import FakeSnowflakeConnection
from fakesnow.dialect import parse
from fakesnow.rowtype import describe_as_rowtype
from fakesnow.statement_type import DML_TYPE_IDS, statement_type_id
from snowflake.connector.errors import Error
from sqlglot import exp
from sqlglot.errors import SqlglotError

from local_stack.snowflake import external_access, procedures, roles, strictness
from local_stack.snowflake.catalog import Procedure
from local_stack.snowflake.errors import (
    compilation_error,
    in_snowflakes_words,
    sql_error,
    unsupported,
)
from local_stack.snowflake.merge import run_merge
from local_stack.snowflake.names import NAME, identifier, qualified
from local_stack.snowflake.results import Result, text_result, to_rowset

if TYPE_CHECKING:
    from local_stack.snowflake.server import LocalSnowflake

logger = logging.getLogger("local_stack.snowflake")

WAIT_UNITS = {
    "DAYS": 86400.0, "HOURS": 3600.0, "MINUTES": 60.0, "SECONDS": 1.0, "MILLISECONDS": 1e-3,
    "MICROSECONDS": 1e-6, "NANOSECONDS": 1e-9,
}  # fmt: skip
PARAMETERS = {
    "QUOTED_IDENTIFIERS_IGNORE_CASE": "false",
    "TIMEZONE": "Etc/UTC",
    "AUTOCOMMIT": "true",
    "LOCK_TIMEOUT": "43200",
    "QUERY_TAG": "",
}
DML = exp.Insert | exp.Update | exp.Delete | exp.Merge | exp.TruncateTable
DDL = exp.Create | exp.Alter | exp.Drop
# DuckDB lets no two changes of its catalogue run at once; Snowflake queues them.
CATALOGUE = "the catalogue"
_COMMENTS = re.compile(r"\A(?:\s+|--[^\n]*\n?|/\*.*?\*/)+", re.S)
_WAIT = re.compile(
    r"(?:call|select)\s+system\$wait\s*\(\s*([\d.]+)\s*(?:,\s*'?(\w+)'?)?\s*\)", re.IGNORECASE
)


class Session:
    """A client's session, or that of a procedure in the middle of its CALL."""

    def __init__(
        self,
        server: LocalSnowflake,
        connection: FakeSnowflakeConnection,
        procedure: Procedure | None,
        call_id: str | None,
        role: str = roles.DEFAULT_ROLE,
    ) -> None:
        self.token = secrets.token_urlsafe(24)
        self.procedure = procedure
        self.call_id = call_id
        self.role = role
        self._server = server
        self._connection = connection
        self._lock = threading.Lock()
        self._in_transaction = False
        self.left_open = False

    @property
    def database(self) -> str | None:
        """The current database."""
        return str(self._connection.database) if self._connection.database else None

    @property
    def schema(self) -> str | None:
        """The current schema."""
        return str(self._connection.schema) if self._connection.schema else None

    def close(self) -> None:
        """End the session; an open transaction is rolled back."""
        with self._lock, contextlib.suppress(Exception):
            if self._in_transaction:
                self.left_open = True
                self._connection.cursor().execute("rollback")
            self._connection.close()
        self._server.locks.release_all(self.token)

    def execute(self, sql: str, params: Sequence[Any] | None) -> Result:
        """Run one statement.

        Raises:
            snowflake.connector.errors.Error: in Snowflake's class, for everything that fails.

        """
        with self._lock:
            try:
                return self._execute(sql, params)
            except Error as error:
                raise in_snowflakes_words(error) from None
            except SqlglotError as error:
                message = f"SQL compilation error:\nsyntax error: {str(error)[:300]}"
                raise sql_error(message, 1003, "42000") from None
            except duckdb.Error as error:
                message = f"SQL execution error: {str(error)[:500]}"
                raise sql_error(message, 100038, "22018") from None
            except Exception as error:
                logger.debug("unexpected failure of %r", sql[:500], exc_info=error)
                raise unsupported(f"{type(error).__name__}: {str(error)[:300]}") from None

    def _execute(self, sql: str, params: Sequence[Any] | None) -> Result:
        text = _COMMENTS.sub("", sql).strip().rstrip(";")
        for pattern, method in _OWN_STATEMENTS:
            match = pattern.match(text)
            if match:
                if self.role not in roles.OWNERS and method not in _FOR_EVERY_ROLE:
                    raise roles.refused(f"this statement by role '{self.role}'")
                result: Result = method(self, match, text)
                return result
        statements = [found for found in parse(text) if found]
        if len(statements) != 1:
            message = (
                f"Actual statement count {len(statements)} did not match the desired "
                "statement count 1."
            )
            raise sql_error(message, 8, "0A000")
        expression = statements[0]
        roles.check_expression(
            self._server.catalog, self.role, expression, self.database, self.schema
        )
        if isinstance(expression, exp.Create) and expression.kind == "PROCEDURE":
            return procedures.create_procedure(
                self._server.catalog, expression, self.database, self.schema
            )
        strictness.check_statement(
            expression,
            in_procedure=self.procedure is not None,
            owner_rights=self.procedure is not None and self.procedure.execute_as == "OWNER",
            params=params,
            column_type=self._column_type,
        )
        return self._on_fakesnow(expression, text, params)

    def _on_fakesnow(
        self, expression: exp.Expression, text: str, params: Sequence[Any] | None
    ) -> Result:
        cursor = self._connection.cursor()
        type_id = statement_type_id(expression)
        if isinstance(expression, DDL) and self._in_transaction:
            self._on_fakesnow(exp.Commit(), "commit", None)  # as Snowflake does (facts, 3)
        for name in self._locked_names(expression):
            self._server.locks.acquire(self.token, name, self._server.lock_timeout_seconds)
        try:
            if isinstance(expression, exp.Merge):
                return run_merge(cursor, expression, params)
            cursor.execute(text, binding_params=tuple(params) if params else None, server=True)
            if isinstance(expression, exp.Transaction):
                self._in_transaction = True
            elif isinstance(expression, exp.Commit | exp.Rollback):
                self._in_transaction = False
            rowtype = describe_as_rowtype(cursor._describe_last_sql())
            rows = cursor.fetchall()
            query_id = cursor.sfqid or str(uuid.uuid4())
        finally:
            if not self._in_transaction:
                self._server.locks.release_all(self.token)
        kept = type_id if type_id in DML_TYPE_IDS else 0
        return Result(list(rowtype), to_rowset(rows, rowtype), kept or type_id, query_id)

    def _locked_names(self, expression: exp.Expression) -> list[str]:
        """What a statement holds while it runs: a writer its table, DDL the catalogue as well."""
        if not isinstance(expression, DML | DDL):
            return []
        table = expression.find(exp.Table)
        name = exp.table_name(table, dialect="snowflake", identify=False) if table else None
        names = [qualified(name, self.database, self.schema)] if name else []
        return [CATALOGUE, *names] if isinstance(expression, DDL) else names

    def _column_type(self, table: str, column: str) -> str | None:
        name = qualified(table, self.database, self.schema)
        database, schema, short = name.split(".")
        found = self._connection._duck_conn.execute(
            "select data_type from information_schema.columns where upper(table_catalog) = ?"
            " and upper(table_schema) = ? and upper(table_name) = ? and column_name = ?",
            [database.upper(), schema.upper(), short.upper(), column],
        ).fetchone()
        return {"JSON": "VARIANT"}.get(found[0], str(found[0])) if found else None

    # --- statements of our own, each named after what it runs -------------------------------------

    def _call(self, match: re.Match[str], text: str) -> Result:
        return procedures.call_procedure(
            self._server.catalog, self.role, text[match.end() :], self.database, self.schema,
            self._evaluate, partial(self._server.run_procedure, caller=self.role),
        )  # fmt: skip

    def _evaluate(self, value: exp.Expression) -> tuple[Any, str]:
        if isinstance(value, exp.Literal) and value.is_string:
            return value.this, "text"
        roles.check_expression(
            self._server.catalog, self.role, exp.select(value), self.database, self.schema
        )
        cursor = self._connection.cursor()
        cursor.execute(f"select {value.sql(dialect='snowflake')}")
        rowtype = describe_as_rowtype(cursor._describe_last_sql())
        row: Any = cursor.fetchone()
        return row[0], rowtype[0]["type"]

    def _system_wait(self, match: re.Match[str], text: str) -> Result:  # noqa: ARG002
        unit = (match[2] or "SECONDS").upper()
        if unit not in WAIT_UNITS:
            raise compilation_error(f"Invalid unit '{unit}' of SYSTEM$WAIT.", 2023, "22023")
        time.sleep(float(match[1]) * WAIT_UNITS[unit])
        return text_result(["SYSTEM$WAIT"], [[f"waited {match[1]} {unit.lower()}"]])

    def _show_procedures(self, match: re.Match[str], text: str) -> Result:  # noqa: ARG002
        kind, where = (match["kind"] or "").upper(), match["where"]
        if kind == "DATABASE":
            return procedures.show_procedures(
                self._server.catalog, self.role, match["like"], None, identifier(where)
            )
        schema = None
        if kind == "SCHEMA":
            full = qualified(f"{where}.x", self.database, None).rsplit(".", 1)[0]
            schema = self._existing_schema(full)
        return procedures.show_procedures(
            self._server.catalog, self.role, match["like"], schema, None
        )

    def _existing_schema(self, name: str) -> str:
        database, schema = name.split(".")
        found = self._connection._duck_conn.execute(
            "select 1 from information_schema.schemata where upper(catalog_name) = upper(?)"
            " and upper(schema_name) = upper(?)",
            [database, schema],
        ).fetchone()
        if not found:
            message = f"Schema '{name}' does not exist or not authorized."
            raise compilation_error(message, 2043, "02000")
        return name

    def _describe_procedure(self, match: re.Match[str], text: str) -> Result:
        return procedures.describe_procedure(
            self._server.catalog, text[match.end() :], self.database, self.schema
        )

    def _drop_procedure(self, match: re.Match[str], text: str) -> Result:
        return procedures.drop_procedure(
            self._server.catalog, text[match.end() :], self.database, self.schema,
            quiet=bool(match["quiet"]),
        )  # fmt: skip

    def _create_role(self, match: re.Match[str], text: str) -> Result:  # noqa: ARG002
        return roles.create_role(self._server.catalog, match["name"])

    def _change_grant(self, match: re.Match[str], text: str) -> Result:  # noqa: ARG002
        return roles.change_grant(self._server.catalog, text, self.database, self.schema)

    def _create_access(self, match: re.Match[str], text: str) -> Result:
        kind = re.sub(r"\s+", " ", match["kind"].upper())
        create = {
            "NETWORK RULE": external_access.create_network_rule,
            "EXTERNAL ACCESS INTEGRATION": external_access.create_integration,
            "SECRET": external_access.create_secret,
        }[kind]
        catalog = self._server.catalog
        return create(catalog, match["name"], text[match.end() :], self.database, self.schema)

    def _drop_access(self, match: re.Match[str], text: str) -> Result:  # noqa: ARG002
        kind = re.sub(r"\s+", " ", match["kind"].upper()).removeprefix("EXTERNAL ACCESS ")
        return external_access.drop(
            self._server.catalog, kind, match["name"], self.database, self.schema,
            quiet=bool(match["quiet"]),
        )  # fmt: skip

    def _describe_integration(self, match: re.Match[str], text: str) -> Result:  # noqa: ARG002
        return external_access.describe_integration(self._server.catalog, match["name"])

    def _show_integrations(self, match: re.Match[str], text: str) -> Result:  # noqa: ARG002
        return external_access.show_integrations(self._server.catalog)

    def _show_secrets(self, match: re.Match[str], text: str) -> Result:  # noqa: ARG002
        return external_access.show_secrets(self._server.catalog)

    def _show_parameters(self, match: re.Match[str], text: str) -> Result:
        if self.procedure is not None:
            raise unsupported("SHOW PARAMETERS in an owner's-rights procedure")
        wanted = (match["like"] or "%").upper()
        rows = [
            [key, value, value, "", ""]
            for key, value in PARAMETERS.items()
            if wanted in ("%", key) and text
        ]
        return text_result(["key", "value", "default", "level", "description"], rows)

    def _nothing_to_do(self, match: re.Match[str], text: str) -> Result:  # noqa: ARG002
        if self.procedure is not None:
            word = re.sub(r"(?i)^(alter)\s+(session).*|^(use).*", r"\1_\2\3", text, flags=re.S)
            raise sql_error(
                "Stored procedure execution error: Unsupported statement type "
                f"'{word.strip('_').upper()}'.", 90236, "42601"
            )  # fmt: skip
        return text_result(["status"], [["Statement executed successfully."]])

    def _cancel_all(self, match: re.Match[str], text: str) -> Result:  # noqa: ARG002
        return text_result(["SYSTEM$CANCEL_ALL_QUERIES"], [["cancelled all the queries"]])


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.S)


_ACCESS = r"(?P<kind>NETWORK\s+RULE|EXTERNAL\s+ACCESS\s+INTEGRATION|INTEGRATION|SECRET)"
_LIKE = r"(?:\s+LIKE\s+'(?P<like>[^']*)')?"
_OWN_STATEMENTS: list[tuple[re.Pattern[str], Any]] = [
    (_WAIT, Session._system_wait),
    (_compiled(r"SELECT\s+SYSTEM\$CANCEL_ALL_QUERIES\b"), Session._cancel_all),
    (_compiled(r"CALL\s+"), Session._call),
    (
        _compiled(
            rf"SHOW\s+PROCEDURES{_LIKE}(?:\s+IN\s+(?P<kind>SCHEMA|DATABASE)\s+(?P<where>{NAME}))?"
        ),
        Session._show_procedures,
    ),
    (_compiled(r"DESC(?:RIBE)?\s+PROCEDURE\s+"), Session._describe_procedure),
    (_compiled(r"DROP\s+PROCEDURE\s+(?P<quiet>IF\s+EXISTS\s+)?"), Session._drop_procedure),
    (
        _compiled(
            rf"CREATE\s+(?:OR\s+REPLACE\s+)?{_ACCESS}\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>{NAME})"
        ),
        Session._create_access,
    ),
    (
        _compiled(rf"DROP\s+{_ACCESS}\s+(?P<quiet>IF\s+EXISTS\s+)?(?P<name>{NAME})"),
        Session._drop_access,
    ),
    (
        _compiled(rf"DESC(?:RIBE)?\s+(?:EXTERNAL\s+ACCESS\s+)?INTEGRATION\s+(?P<name>{NAME})"),
        Session._describe_integration,
    ),
    (_compiled(r"SHOW\s+(?:EXTERNAL\s+ACCESS\s+)?INTEGRATIONS"), Session._show_integrations),
    (_compiled(r"SHOW\s+SECRETS"), Session._show_secrets),
    (
        _compiled(r"CREATE\s+ROLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>[\w$\"]+)"),
        Session._create_role,
    ),
    (_compiled(r"(?:GRANT|REVOKE)\b"), Session._change_grant),
    (_compiled(rf"SHOW\s+PARAMETERS{_LIKE}"), Session._show_parameters),
    (_compiled(r"ALTER\s+SESSION\b|USE\s+(?:WAREHOUSE|ROLE|SECONDARY)\b"), Session._nothing_to_do),
]
# What a role may send that owns nothing; CALL and SHOW look at its grants themselves.
_FOR_EVERY_ROLE = (
    Session._system_wait,
    Session._cancel_all,
    Session._call,
    Session._show_procedures,
    Session._show_parameters,
    Session._nothing_to_do,
)
