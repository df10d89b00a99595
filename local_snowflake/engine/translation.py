"""Keeps the translations of statements: the same texts come again and again.

fakesnow parses each statement, walks its tree some seventy times, and writes the SQL of DuckDB.
Procedures bind their values, so their texts do not differ from one CALL to the next.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.rowtype import describe_as_rowtype
from sqlglot import exp

from local_snowflake.engine.column_names import NAMED, name_columns, name_rest
from local_snowflake.engine.flatten import inline_flattened
from local_snowflake.engine.literal_ids import (
    Ids,
    are_plain_values,
    can_be_put_back,
    exchanged,
    with_ids,
    without_ids,
)
from local_snowflake.engine.merge import take_one_match
from local_snowflake.engine.multi_joined import multi_joined
from local_snowflake.engine.parsing import parse_statements
from local_snowflake.values.timestamps import Mode, settle_times
from local_snowflake.values.value_rules import mend_distinct, settle_values
from local_snowflake.values.value_scopes import Columns
from local_snowflake.values.zoned_times import keep_zones

KEPT_STATEMENTS = 2048
# Longer texts hold values, and do not come again.
KEPT_CHARACTERS = 20_000
# The translation of a statement with these words depends on more than its text.
NOT_KEPT = ("identifier(", "random", "result_scan", "overwrite", "$")

Key = tuple[str, str | None, str | None, Mode]
PLAIN = Mode()
# Statements about rows or a transaction; they change no type of a table.
TRANSLATED = (
    exp.Query
    | exp.Insert
    | exp.Update
    | exp.Delete
    | exp.Merge
    | exp.Transaction
    | exp.Commit
    | exp.Rollback
)


@dataclass
class _Kept:
    """A translation, and what it depends on."""

    translated: exp.Expression
    columns: Mapping[str, Mapping[str, str]]  # those of each table that was looked up, by its name
    changes: int  # how many statements that may change a type had come before it was last right

    def is_right(self, changes: int, columns: Columns) -> bool:
        """Whether the tables have the types that they had."""
        if self.changes != changes:
            if any(columns(name) != seen for name, seen in self.columns.items()):
                return False
            self.changes = changes
        return True


class Translations:
    """Parsed statements, by text, and their translations for DuckDB, by text and place."""

    def __init__(self) -> None:
        self._parsed: OrderedDict[str, list[exp.Expression]] = OrderedDict()
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._changes = 0
        # Texts whose translation depends on which ids stand in them.
        self._by_id: OrderedDict[str, None] = OrderedDict()

    def types_may_change(self) -> None:
        """Let each translation be held against the types of its tables before it is used again."""
        self._changes += 1

    def parse(self, text: str) -> list[exp.Expression]:
        """Parse a text of one statement or several; the caller must not change the answer.

        Raises:
            SqlglotError: when the text is not SQL.

        """
        kept_text, ids = self.without_ids(text)
        found = self._parsed.get(kept_text)
        if found is None:
            try:
                found = parse_statements(kept_text)
            except Exception:
                if not ids:
                    raise
                found = []  # an error has to name the ids that were sent
            if len(found) == 1:
                name_columns(found[0], kept_text)
            if ids and not (found and all(map(are_plain_values, found))):
                return self.parse(self._by_its_ids(text, kept_text))
            if len(text) <= KEPT_CHARACTERS:
                _keep(self._parsed, kept_text, found)
        return [exchanged(statement, ids) for statement in found] if ids else found

    def _by_its_ids(self, text: str, kept_text: str) -> str:
        """Note that the ids of a text matter; answers the text."""
        _keep(self._by_id, kept_text, None)
        return text

    def without_ids(self, text: str) -> tuple[str, Ids]:
        """Answer what is kept for a text: the text without its ids, as far as they do not matter.

        Args:
            text: one statement.

        Returns:
            The text with stand-ins, and the literals that they stand for.

        """
        if not _is_kept(text):
            return text, {}
        kept_text, ids = without_ids(text)
        return (text, {}) if kept_text in self._by_id else (kept_text, ids)

    def translate(
        self,
        cursor: FakeSnowflakeCursor,
        expression: exp.Expression,
        text: str,
        columns: Columns,
        mode: Mode = PLAIN,
    ) -> exp.Expression | None:
        """Answer the translation of a statement of TRANSLATED; None for others, and where unsure.

        Args:
            cursor: whose session it is.
            expression: the parsed statement; not changed.
            text: what was parsed.
            columns: looks up a table.
            mode: what else the translation depends on; zones and formats are read as it runs.

        """
        if not isinstance(expression, TRANSLATED) or not _is_kept(text):
            return None
        connection = cursor._conn
        is_query = isinstance(expression, exp.Query)
        kept_text, ids = self.without_ids(text) if is_query else (text, {})
        key = (kept_text, connection.database, connection.schema, mode)
        kept, changes = self._kept.get(key), self._changes
        if kept is None or not kept.is_right(changes, columns):
            seen: dict[str, Mapping[str, str]] = {}

            def noting(name: str) -> Mapping[str, str]:
                seen[name] = columns(name)
                return seen[name]

            stand_ins = {literal: stand_in for stand_in, literal in ids.items()}
            given = exchanged(expression, stand_ins)
            transform = partial(FakeSnowflakeCursor._transform, cursor)
            is_kept_so = not ids or are_plain_values(given)
            try:
                found = in_duckdbs_words(transform, noting, mode, given, None)
                inline_flattened(found)
                is_kept_so = is_kept_so and (not ids or can_be_put_back(found))
            except Exception:
                if not ids:
                    raise
                is_kept_so = False
            if not is_kept_so:
                text = self._by_its_ids(text, kept_text)
                return self.translate(cursor, expression, text, columns, mode)
            counted = multi_joined(found)
            found = _written(found)
            found.set("multi_joined", counted)
            kept = _Kept(found, seen, changes)
            _keep(self._kept, key, kept)
        return kept.translated if not ids else _with_ids(kept.translated, ids)


def _is_kept(text: str) -> bool:
    lower = text.lower() if len(text) <= KEPT_CHARACTERS else ""
    return bool(lower) and not any(word in lower for word in NOT_KEPT)


def in_duckdbs_words(
    transform: Callable[[exp.Expression, Any], exp.Expression],
    columns: Columns,
    mode: Mode,
    expression: exp.Expression,
    params: Any,
) -> exp.Expression:
    """Translate a statement as fakesnow does, with values and times as Snowflake has them.

    Args:
        transform: the translation of fakesnow.
        columns: looks up a table.
        mode: the mode of the session.
        expression: the statement; changed in place.
        params: the values bound to the statement.

    """
    if isinstance(expression, exp.Merge):
        take_one_match(expression)
    name_rest(expression)
    keep_zones(expression)
    settle_values(expression, columns)
    found = transform(expression, params)
    settle_times(found, mode)
    mend_distinct(found)
    return found


def knowing(cursor: FakeSnowflakeCursor, columns: Columns, mode: Mode) -> FakeSnowflakeCursor:
    """Let a cursor of fakesnow translate all its statements by `in_duckdbs_words`."""
    cursor._transform = partial(in_duckdbs_words, cursor._transform, columns, mode)
    return cursor


def _written(statement: exp.Expression) -> exp.Expression:
    """The statement as a command that holds its SQL, which is then written only once.

    fakesnow looks at the first word to say what the statement did.
    """
    is_query = isinstance(statement, exp.Query)
    # To write SQL changes the tree, which is of no more use here when it is a query's.
    text = statement.sql(dialect="duckdb", copy=not is_query)
    word = text.split(maxsplit=1)[0] if is_query else statement.key.upper()
    if not is_query and not text.startswith(f"{word} "):
        return statement
    return exp.Command(this=word, expression=text.removeprefix(word))


def _with_ids(command: exp.Expression, ids: Ids) -> exp.Expression:
    return exp.Command(this=command.this, expression=with_ids(command.expression, ids))


def _keep(kept: OrderedDict[Any, Any], key: Key | str, found: object) -> None:
    kept[key] = found
    while len(kept) > KEPT_STATEMENTS:
        kept.popitem(last=False)


def run_translated(
    cursor: FakeSnowflakeCursor,
    expression: exp.Expression,
    translated: exp.Expression,
    params: Sequence[Any] | None,
) -> None:
    """Run what `translate` answered, as fakesnow runs its own translations."""
    if not cursor._conn.schema_set:
        cursor.check_db_and_schema(expression)
    cursor._execute(translated, list(params) if params else None)


def run_untranslated(
    cursor: FakeSnowflakeCursor,
    expression: exp.Expression,
    text: str,
    params: Sequence[Any] | None,
) -> None:
    """Let fakesnow run a statement that `translate` does not answer."""
    given = expression.sql(dialect="snowflake") if NAMED in expression.meta else text
    cursor.execute(given, binding_params=tuple(params) if params else None, server=True)


def fetch_rows(cursor: FakeSnowflakeCursor) -> list[tuple[Any, ...]]:
    """Fetch the rows of a cursor by position: two columns may have the same name."""
    table = cursor._arrow_table
    if table is None:
        return []
    columns = [column.to_pylist() for column in table.columns]
    return list(zip(*columns, strict=True))


def row_type(cursor: FakeSnowflakeCursor) -> list[Any]:
    """Describe the columns of what `run_translated` has just run.

    DuckDB knows the types by then; fakesnow would let DuckDB plan the statement again.
    """
    found = cursor._duck_conn.description or []
    return as_ltz(describe_as_rowtype([(name, str(kind), *[None] * 4) for name, kind, *_ in found]))


def as_ltz(described: Sequence[Any]) -> list[Any]:
    """Name DuckDB's timestamp with a zone TIMESTAMP_LTZ, where fakesnow says TIMESTAMP_TZ."""
    for info in described:
        if info["type"] == "timestamp_tz":
            info["type"] = "timestamp_ltz"
    return list(described)
