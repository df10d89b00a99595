"""DESCRIBE TABLE and VIEW: a row for each column, with its type as Snowflake names it."""

from __future__ import annotations

from sqlglot import exp

from local_snowflake.compilation.relations import Relations
from local_snowflake.sessions.session import Session
from local_snowflake.values.results import SHOW_TYPE_ID, Result, text_result
from local_snowflake.values.timestamps import as_declared

COLUMNS = (
    "name", "type", "kind", "null?", "default", "primary key", "unique key", "check", "expression",
    "comment", "policy name", "privacy domain", "write default",
)  # fmt: skip
_FOUND = (
    "select column_name, is_nullable, column_default, comment from duckdb_columns()"
    " where database_name = ? and schema_name = ? and table_name = ? order by column_index"
)
_KEYS = (
    "select constraint_type, constraint_column_names from duckdb_constraints()"
    " where database_name = ? and schema_name = ? and table_name = ?"
    " and constraint_type in ('PRIMARY KEY', 'UNIQUE')"
)


def describe(session: Session, statement: exp.Describe) -> Result | None:
    """Describe a table or a view; None for what the engine describes.

    Args:
        session: the session of the statement.
        statement: the parsed statement, whose names have been checked.

    """
    table = statement.this
    if not isinstance(table, exp.Table):
        return None
    relations = Relations(session)
    path = relations.path(table)
    types = relations.columns(table) if len(path) == 3 else None
    if types is None:
        return None
    keys: dict[str, set[str]] = {"PRIMARY KEY": set(), "UNIQUE": set()}
    for kind, names in session.engine.execute(_KEYS, list(path)).fetchall():
        keys[kind].update(names)
    rows = []
    for name, nullable, default, comment in session.engine.execute(_FOUND, list(path)).fetchall():
        key, unique = name in keys["PRIMARY KEY"], name in keys["UNIQUE"]
        rows.append([
            name, types[name], "COLUMN", "Y" if nullable else "N", as_declared(default),
            "Y" if key else "N", "Y" if unique else "N", None, None, comment, None, None, None,
        ])  # fmt: skip
    result = text_result(COLUMNS, rows)
    result.type_id = SHOW_TYPE_ID
    return result
