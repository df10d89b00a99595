"""Rules for bound values: their types, their size, their rows."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlglot import exp

from tests.sql_audit.statement import PROCEDURES, Sent, lexemes
from tests.sql_audit.tables import written

MOST_CHARACTERS = 1_000_000


def bound_value(statement: Sent) -> Iterator[str]:
    """Only text is bound.

    None may fail in a procedure, and a list binds as rows (docs/snowflake_facts.md#binds).
    """
    places = sum(kind == "bind" for kind, _ in lexemes(statement.sql))
    if statement.sender == PROCEDURES and places != len(statement.params):
        yield f"{places} places, {len(statement.params)} bound values"
    for kind, value in statement.params:
        if not isinstance(value, str) or kind != "TEXT":
            yield f"{type(value).__name__} is bound as {kind}; only text is safe"


def statement_too_large(statement: Sent) -> Iterator[str]:
    """A statement with all that it binds stays under 1 MB (docs/snowflake_facts.md#sizes)."""
    size = len(statement.sql) + sum(len(str(value)) for _, value in statement.params)
    if size > MOST_CHARACTERS:
        yield f"{size} characters"


def duplicate_source_rows(statement: Sent) -> Iterator[str]:
    """The source of an UPDATE or MERGE has one row for each target row.

    With two source rows UPDATE picks one without notice, and MERGE fails
    (docs/snowflake_facts.md#update-and-merge).
    """
    tree = statement.tree
    joined = isinstance(tree, exp.Merge) or (
        isinstance(tree, exp.Update) and tree.args.get("from_")
    )
    if not joined or not written(tree):
        return
    for _, value in statement.params:
        rows = _rows(value)
        ids = [row["execution_id"] for row in rows if isinstance(row, dict)]
        if len(ids) > len(set(ids)):
            yield "an execution_id stands twice in what is bound"


def _rows(value: object) -> list[object]:
    if not isinstance(value, str) or not value.startswith("["):
        return []
    rows: list[object] = json.loads(value)
    return rows


BIND_RULES = (bound_value, statement_too_large, duplicate_source_rows)
