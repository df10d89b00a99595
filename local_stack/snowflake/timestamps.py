"""Casts the current time to a timestamp without the macro that fakesnow makes of the cast.

The macro takes texts, numbers of seconds or milliseconds, and timestamps. DuckDB plans all of that
for each place where it stands, which was two fifths of its time for an UPDATE with three of them.
"""

from __future__ import annotations

from sqlglot import exp


def cast_current_times(statement: exp.Expression) -> None:
    """Make a plain cast of each conversion of the current time, or of a time reckoned from it.

    Args:
        statement: in DuckDB's words; it is changed.

    """
    for function in list(statement.find_all(exp.Anonymous)):
        if function.name.lower() == "_fs_to_timestamp" and _is_time(function.expressions[0]):
            function.replace(exp.cast(function.expressions[0].copy(), "timestamp"))


def _is_time(value: exp.Expression) -> bool:
    while isinstance(value, exp.DateAdd):
        value = value.this
    return isinstance(value, exp.CurrentTimestamp)
