"""One session: runs statements, on fakesnow or by our own hand."""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import duckdb
from fakesnow.conn import FakeSnowflakeConnection
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.rowtype import describe_as_rowtype
from fakesnow.statement_type import DML_TYPE_IDS, statement_type_id
from snowflake.connector.errors import Error
from sqlglot import exp
from sqlglot.errors import SqlglotError

from local_snowflake import access, roles, strictness
from local_snowflake.catalog import Catalog, Procedure
from local_snowflake.comments import take_comments, write_comments
from local_snowflake.context import SignedIn, answer_context
from local_snowflake.create_procedure import create_procedure
from local_snowflake.describe import describe
from local_snowflake.engine_words import in_snowflakes_words
from local_snowflake.errors import sql_error, unsupported
from local_snowflake.information_schema import resolved
from local_snowflake.merge import run_merge
from local_snowflake.multi_joined import MultiJoined, count, multi_joined
from local_snowflake.names import qualified, written
from local_snowflake.own_statements import bare, run_own
from local_snowflake.relations import Relations
from local_snowflake.results import Result, text_result, to_rowset
from local_snowflake.session_parameters import SessionParameters
from local_snowflake.statement_check import check
from local_snowflake.temporary_tables import TemporaryTables
from local_snowflake.timestamps import as_declared
from local_snowflake.transactions import OpenTransaction
from local_snowflake.translation import (
    KEPT_CHARACTERS,
    TRANSLATED,
    as_ltz,
    fetch_rows,
    knowing,
    row_type,
    run_translated,
    run_untranslated,
)

if TYPE_CHECKING:
    from local_snowflake.server import LocalSnowflake

logger = logging.getLogger("local_snowflake")

DML = exp.Insert | exp.Update | exp.Delete | exp.Merge | exp.TruncateTable
DDL = exp.Create | exp.Alter | exp.Drop | exp.Comment
# DuckDB lets no two changes of its catalogue run at once; Snowflake queues them.
CATALOGUE = "the catalogue"


class Session:
    """A client's session, or that of a procedure in the middle of its CALL."""

    def __init__(
        self,
        server: LocalSnowflake,
        connection: FakeSnowflakeConnection,
        signed_in: SignedIn,
        parameters: Mapping[str, object],
        procedure: Procedure | None,
        call_id: str | None,
    ) -> None:
        self.token = secrets.token_urlsafe(24)
        self.signed_in = signed_in
        self.parameters = SessionParameters(server, signed_in.user, parameters)
        self.procedure = procedure
        self.call_id = call_id
        self.server = server
        self._connection = connection
        self._lock = threading.Lock()
        self._transaction = OpenTransaction()
        self._temporary = TemporaryTables()
        self.relations = Relations(self)
        self.left_open = False

    @property
    def role(self) -> str:
        """The current role."""
        return self.signed_in.role

    @property
    def catalog(self) -> Catalog:
        """What the engine has no place for."""
        return self.server.catalog

    @property
    def engine(self) -> duckdb.DuckDBPyConnection:
        """The session's own connection to the engine."""
        return self._connection._duck_conn

    @property
    def database(self) -> str | None:
        """The current database; none where the role may not use it."""
        set_one = self._connection.database_set
        found = str(self._connection.database or "") if set_one else ""
        return found if found and roles.may_enter(self.catalog, self.role, found) else None

    @property
    def schema(self) -> str | None:
        """The current schema; none where the role may not use it."""
        set_one = self._connection.schema_set
        found, database = str(self._connection.schema or "") if set_one else "", self.database
        enters = database and found and roles.may_enter(self.catalog, self.role, database, found)
        return found if enters else None

    @property
    def warehouse(self) -> str | None:
        """The current warehouse; none where the role may not use it.

        A procedure computes on its caller's, whatever its owner may use.
        """
        if self.procedure is not None:
            return self.signed_in.warehouse
        return roles.usable_warehouse(self.catalog, self.role, self.signed_in.warehouse)

    def close(self) -> None:
        """End the session; an open transaction is rolled back."""
        with self._lock, contextlib.suppress(Exception):
            if self._transaction.is_open:
                self.left_open = True
                self._connection.cursor().execute("rollback")
            if self._temporary.drop_all(self.engine):
                self.server.types.forget()
            self._connection.close()
        self.server.locks.release_all(self.token)

    def execute(self, sql: str, params: Sequence[Any] | None) -> Result:
        """Run one statement.

        Raises:
            snowflake.connector.errors.Error: in Snowflake's class, for everything that fails.

        """
        with self._lock:
            try:
                return self._or_mended(sql, params)
            except Error:
                raise
            except SqlglotError as error:
                message = f"SQL compilation error:\nsyntax error: {str(error)[:300]}"
                raise sql_error(message, 1003, "42000") from None
            except duckdb.Error as error:
                message = f"SQL execution error: {str(error)[:500]}"
                failed = sql_error(message, 100038, "22018")
                raise in_snowflakes_words(failed, None, sql) from None
            except Exception as error:
                logger.debug("unexpected failure of %r", sql[:500], exc_info=error)
                raise unsupported(f"{type(error).__name__}: {str(error)[:300]}") from None

    def _or_mended(self, sql: str, params: Sequence[Any] | None) -> Result:
        """Run one statement; one that fails leaves an open transaction as it was."""
        try:
            return self._execute(sql, params)
        except Exception:
            self._transaction.mend(self.engine)
            raise

    def _execute(self, sql: str, params: Sequence[Any] | None) -> Result:
        text = bare(sql)
        own = run_own(self, text)
        if own is not None:
            return own
        statements = self.server.translations.parse(text)
        if len(statements) != 1:
            message = (
                f"Actual statement count {len(statements)} did not match the desired "
                "statement count 1."
            )
            raise sql_error(message, 8, "0A000")
        expression = statements[0]
        access.check_expression(self, expression)
        if isinstance(expression, exp.Create) and expression.kind == "PROCEDURE":
            return create_procedure(
                self.catalog, self.role, expression, text, self.database, self.schema
            )
        if isinstance(expression, DDL) and self._transaction.is_open:
            self._on_fakesnow(exp.Commit(), "commit", None)  # as Snowflake does (facts, 3)
        try:
            # The engine reads what was committed when a transaction first looked; Snowflake what
            # was when a statement began. So the wait comes before any look, that for types too.
            for name in self._locked_names(expression):
                self.server.locks.acquire(self.token, name, self.server.lock_timeout_seconds)
            return self._checked(expression, text, params)
        except (Error, duckdb.Error) as error:
            raise in_snowflakes_words(error, expression, text) from None
        finally:
            if not self._transaction.is_open:
                self.server.locks.release_all(self.token)

    def _checked(
        self, expression: exp.Expression, text: str, params: Sequence[Any] | None
    ) -> Result:
        """Check a statement that has its locks, and run it."""
        strictness.check_statement(
            expression,
            in_procedure=self.procedure is not None,
            owner_rights=self.procedure is not None and self.procedure.execute_as == "OWNER",
            params=params,
        )
        self._read(expression, text)
        if isinstance(expression, exp.Describe):
            described = describe(self, expression)
            if described is not None:
                return described
        rest, comments = take_comments(expression)
        if rest is None:
            write_comments(self, comments)
            return text_result(["status"], [["Statement executed successfully."]])
        with self._resolved(rest) as answered:
            admitted = self._temporary.admit(answered, self.engine, self.database, self.schema)
            given = text
            if admitted is not expression:
                text = admitted.sql(dialect="snowflake")
            existed = access.existing(self, admitted)
            result = self._on_fakesnow(admitted, text, params)
            access.note_ddl(self, admitted, existed, text=given)
        write_comments(self, comments)
        return result

    def _resolved(
        self, expression: exp.Expression
    ) -> contextlib.AbstractContextManager[exp.Expression]:
        """Answer a statement with what only this session knows, while it runs."""
        values = self.signed_in.values(self.database, self.schema, self.warehouse)
        values[exp.CurrentTransaction] = self._transaction.id
        answered = answer_context(expression, values)
        return resolved(
            answered, self.engine, self.catalog, self.role, self.database,
            owners_only=self.server.hides_procedures_of_others,
            hidden_definition="" if self.server.empties_definitions_of_others else None,
        )  # fmt: skip

    def _on_fakesnow(
        self, expression: exp.Expression, text: str, params: Sequence[Any] | None
    ) -> Result:
        mode = self.parameters.tell(self.engine)
        cursor = knowing(self._connection.cursor(), self._columns, mode)
        type_id = statement_type_id(expression)
        if not isinstance(expression, TRANSLATED):
            self.server.types.forget()
        if isinstance(expression, DDL):
            self.server.translations.forget()
        try:
            translated = self.server.translations.translate(
                cursor, expression, text, self._columns, mode
            )
            if isinstance(expression, exp.Merge):
                merge = partial(run_merge, cursor, expression, translated, params)
                merged = merge()
                self._transaction.did(merge)
                return merged
            counted = self._multi_joined(cursor, expression, translated, params)
            run = (
                partial(run_translated, cursor, expression, translated, params)
                if translated is not None
                else partial(run_untranslated, cursor, expression, text, params)
            )
            run()
            if isinstance(expression, exp.Transaction):
                self._transaction.begin()
            elif isinstance(expression, exp.Commit | exp.Rollback):
                self._transaction.end()
            elif isinstance(expression, DML):
                self._transaction.did(run)
            # Of what was translated here, nothing has run since that DuckDB would describe instead.
            rowtype = (
                row_type(cursor)
                if translated
                else as_ltz(describe_as_rowtype(cursor._describe_last_sql()))
            )
            rows = fetch_rows(cursor)
            if counted:
                rows = [(rows[0][0], counted)]
            query_id = cursor.sfqid or str(uuid.uuid4())
        finally:
            if not isinstance(expression, TRANSLATED):
                self.server.types.forget()
            if isinstance(expression, DDL):
                self.server.translations.forget()
            if not self._transaction.is_open:
                self.server.locks.release_all(self.token)
        kept = type_id if type_id in DML_TYPE_IDS else 0
        rowset = to_rowset(rows, rowtype)
        if isinstance(expression, exp.Describe):  # of a view of the information schema
            rowset = [[as_declared(text) for text in row] for row in rowset]
        return Result(list(rowtype), rowset, kept or type_id, query_id)

    def _multi_joined(
        self,
        cursor: FakeSnowflakeCursor,
        expression: exp.Expression,
        translated: exp.Expression | None,
        params: Sequence[Any] | None,
    ) -> int:
        """How many rows of an UPDATE several rows of its FROM join."""
        if not isinstance(expression, exp.Update) or not expression.args.get("from_"):
            return 0
        found: MultiJoined | None = (
            translated.args.get("multi_joined")
            if translated is not None
            else multi_joined(cursor._transform(expression.copy(), params))
        )
        return count(self.engine, found, params) if found is not None else 0

    def _locked_names(self, expression: exp.Expression) -> list[str]:
        """What a statement holds while it runs: a writer its table, DDL the catalogue as well."""
        if not isinstance(expression, DML | DDL):
            return []
        if isinstance(expression, DDL) and expression.args.get("kind") in ("SCHEMA", "DATABASE"):
            return [CATALOGUE]
        name = written(expression)
        names = [qualified(name, self.database, self.schema)] if name else []
        return [CATALOGUE, *names] if isinstance(expression, DDL) else names

    def _columns(self, table: str) -> Mapping[str, str]:
        """Answer the columns of a table, as they are stored, and their declared types."""
        name = qualified(table, self.database, self.schema).upper()

        def look_up() -> dict[str, str]:
            found = self.engine.execute(
                "select column_name, data_type from information_schema.columns where"
                " upper(table_catalog) = ? and upper(table_schema) = ? and upper(table_name) = ?",
                name.split("."),
            ).fetchall()
            return {name: "VARIANT" if kind == "JSON" else str(kind) for name, kind in found}

        return self.server.types.of(name, look_up)

    def _read(self, expression: exp.Expression, text: str) -> None:
        """Refuse names and types that do not fit; what fits is read once."""
        read = partial(check, expression, self.relations, text)
        if len(text) > KEPT_CHARACTERS:
            read()
        else:
            self.server.types.of((text, self.database, self.schema), read)

    def evaluate(self, value: exp.Expression) -> tuple[Any, str]:
        """Answer the value and the type of an expression, as of an argument of CALL."""
        if isinstance(value, exp.Literal) and value.is_string:
            return value.this, "text"
        query = exp.select(value)
        access.check_expression(self, query)
        cursor = knowing(
            self._connection.cursor(), self._columns, self.parameters.tell(self.engine)
        )
        with self._resolved(query) as own:
            cursor.execute(own.sql(dialect="snowflake"))
            rowtype = describe_as_rowtype(cursor._describe_last_sql())
        row: Any = cursor.fetchone()
        return row[0], rowtype[0]["type"]
