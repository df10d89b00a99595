"""Runs a statement that has passed all checks, and describes its rows."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.rowtype import describe_as_rowtype
from fakesnow.statement_type import DML_TYPE_IDS, statement_type_id
from sqlglot import exp

from local_snowflake.engine.connection import Connection, Engine
from local_snowflake.engine.merge import run_merge
from local_snowflake.engine.multi_joined import MultiJoined, count, multi_joined
from local_snowflake.engine.transactions import OpenTransaction
from local_snowflake.engine.translation import (
    Translations,
    as_ltz,
    fetch_rows,
    knowing,
    row_type,
    run_translated,
    run_untranslated,
)
from local_snowflake.values.results import Result, to_rowset
from local_snowflake.values.timestamps import Mode, as_declared
from local_snowflake.values.value_scopes import Columns

DML = exp.Insert | exp.Update | exp.Delete | exp.Merge | exp.TruncateTable


@dataclass(frozen=True)
class Runner:
    """What a statement of one session runs with.

    Args:
        connection: the session's connection.
        translations: what fakesnow made of earlier statements.
        transaction: the session's transaction, which keeps what the statement did.
        columns: looks up the columns of a table with their types.
        mode: what else the translation depends on.

    """

    connection: Connection
    translations: Translations
    transaction: OpenTransaction
    columns: Columns
    mode: Mode

    def run(self, expression: exp.Expression, text: str, params: Sequence[Any] | None) -> Result:
        """Run one statement.

        Args:
            expression: the parsed statement; not changed.
            text: what was parsed.
            params: the values bound to `?`.

        """
        cursor = self._cursor()
        type_id = statement_type_id(expression)
        translated = self.translations.translate(cursor, expression, text, self.columns, self.mode)
        if isinstance(expression, exp.Merge):
            merge = partial(run_merge, cursor, expression, translated, params)
            merged = merge()
            self.transaction.did(merge)
            return merged
        counted = self._multi_joined(cursor, expression, translated, params)
        run = (
            partial(run_translated, cursor, expression, translated, params)
            if translated is not None
            else partial(run_untranslated, cursor, expression, text, params)
        )
        run()
        if isinstance(expression, exp.Transaction):
            self.transaction.begin()
        elif isinstance(expression, exp.Commit | exp.Rollback):
            self.transaction.end()
        elif isinstance(expression, DML):
            self.transaction.did(run)
        # After a translated statement nothing else has run, so DuckDB still describes its columns.
        rowtype = (
            row_type(cursor)
            if translated
            else as_ltz(describe_as_rowtype(cursor._describe_last_sql()))
        )
        rows = fetch_rows(cursor)
        if counted:
            rows = [(rows[0][0], counted)]
        query_id = cursor.sfqid or str(uuid.uuid4())
        kept = type_id if type_id in DML_TYPE_IDS else 0
        rowset = to_rowset(rows, rowtype)
        if isinstance(expression, exp.Describe):  # DESCRIBE of a view of the information schema
            rowset = [[as_declared(text) for text in row] for row in rowset]
        return Result(list(rowtype), rowset, kept or type_id, query_id)

    def evaluate(self, query: exp.Expression) -> tuple[Any, str]:
        """Answer the value and the type of a query's only column."""
        cursor = self._cursor()
        cursor.execute(query.sql(dialect="snowflake"))
        rowtype = describe_as_rowtype(cursor._describe_last_sql())
        row: Any = cursor.fetchone()
        return row[0], rowtype[0]["type"]

    def _cursor(self) -> FakeSnowflakeCursor:
        return knowing(self.connection.cursor(), self.columns, self.mode)

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
        return count(self.connection.engine, found, params) if found is not None else 0


def columns_of(engine: Engine, name: str) -> Mapping[str, str]:
    """Answer the stored names of the columns of a table, with their declared types.

    Args:
        engine: knows the table.
        name: DATABASE.SCHEMA.NAME in upper case.

    """
    found = engine.execute(
        "select column_name, data_type from information_schema.columns where"
        " upper(table_catalog) = ? and upper(table_schema) = ? and upper(table_name) = ?",
        name.split("."),
    ).fetchall()
    return {name: "VARIANT" if kind == "JSON" else str(kind) for name, kind in found}


def described(engine: Engine, query: str) -> list[Any]:
    """Describe the columns of a query, without running the query."""
    return list(describe_as_rowtype(engine.execute(f"describe {query}").fetchall()))
