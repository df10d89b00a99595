"""Where the views are, and how the rows of a query arrive."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

# The database and schema of the views, spelled as Snowflake stores the names (POLICY_DB).
# None stands for the current database or schema of the session.
DATABASE: str | None = None
SCHEMA: str | None = None

Row = dict[str, Any]
Read = Callable[[str, Sequence[object]], list[Row]]

_PLACE_QUERY = """
select
    current_database() as database_name,
    current_schema() as schema_name,
    current_timestamp() as made_at
"""


class ViewsMissingError(Exception):
    """The views cannot be read; the text says what creates them."""


def find_place(read: Read) -> tuple[str, datetime.datetime]:
    """Find where the views are, and what time the database has.

    Args:
        read: sends a statement with its bound values and returns the rows.

    Returns:
        The quoted names of database and schema, joined by a dot, and the present.

    Raises:
        ViewsMissingError: the session has no current database or no current schema.

    """
    row = read_rows(read, _PLACE_QUERY, ())[0]
    names = (DATABASE or row["database_name"], SCHEMA or row["schema_name"])
    if not all(names):
        raise ViewsMissingError(
            "the session has no database or no schema: set SNOWFLAKE_DATABASE and SNOWFLAKE_SCHEMA"
        )
    return ".".join('"' + name.replace('"', '""') + '"' for name in names), row["made_at"]


def view_names(place: str) -> dict[str, str]:
    """Map the placeholders of the queries to the full names of the views and of the table.

    Args:
        place: database and schema, as `find_place` returns them.

    """
    return {
        "executions": f"{place}.policy_executions",
        "steps": f"{place}.policy_execution_steps",
        "requests": f"{place}.policy_api_requests",
        "history": f"{place}.policy_execution_history",
        # A table, which stands beside the views unless a var puts the tables elsewhere.
        "breakers": f"{place}.policy_api_breakers",
    }


def read_rows(read: Read, sql: str, bound: Sequence[object]) -> list[Row]:
    """Read rows with lower-case column names, and with int or float in place of Decimal.

    Args:
        read: sends a statement with its bound values and returns the rows.
        sql: the statement.
        bound: the values of its question marks.

    Raises:
        ViewsMissingError: the views do not exist, or the role may not read them.

    """
    try:
        found = read(sql.strip(), bound)
    except Exception as error:
        if "does not exist or not authorized" not in str(error):
            raise
        raise ViewsMissingError(
            "the views are not there, or this role may not read them; `dbt build` makes them"
            f" ({str(error).strip().splitlines()[-1]})"
        ) from error
    return [{name.lower(): _plain(value) for name, value in row.items()} for row in found]


def _plain(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)
