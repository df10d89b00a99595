"""What a name means at a place in a query: a table of the FROM, a column, or an alias."""

from __future__ import annotations

from dataclasses import dataclass, field

from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

from local_snowflake.compilation.relations import Columns
from local_snowflake.sql.errors import compilation_error
from local_snowflake.sql.names import plain, stored

# Parts of dates, which stand in functions where a column could stand.
_DATE_PARTS = frozenset({
    "YEAR", "YEARS", "YEAROFWEEK", "QUARTER", "MONTH", "MONTHS", "WEEK", "WEEKS", "WEEKISO", "DAY",
    "DAYS", "DAYOFWEEK", "DAYOFWEEKISO", "DAYOFYEAR", "HOUR", "HOURS", "MINUTE", "MINUTES",
    "SECOND", "SECONDS", "MILLISECOND", "MICROSECOND", "NANOSECOND", "MS", "US", "NS", "EPOCH",
    "EPOCH_SECOND", "EPOCH_MILLISECOND", "EPOCH_MICROSECOND", "EPOCH_NANOSECOND",
})  # fmt: skip


@dataclass
class Source:
    """One item of a FROM."""

    path: tuple[str, ...]  # the alias alone, or the full name of a table without an alias
    columns: Columns | None  # None: the columns are not known here


@dataclass
class Scope:
    """The names that a SELECT, or a statement that writes, gives."""

    sources: list[Source] = field(default_factory=list)
    outer: Scope | None = None
    aliases: Columns = field(default_factory=dict)
    merged: set[str] = field(default_factory=set)  # columns of JOIN ... USING
    certain: bool = True  # whether all sources are understood


def find(column: exp.Column, scope: Scope, text: str) -> str | None:
    """Answer the type of a column, or None where it is not known.

    Args:
        column: the reference.
        scope: the names at its place.
        text: the statement, for the place that the message names.

    Raises:
        ProgrammingError: when there is no such column, or more than one.

    """
    path = tuple(stored(part) for part in column.parts[:-1])
    star = isinstance(column.this, exp.Star)
    name = "*" if star else stored(column.this)
    at: Scope | None = scope
    while at is not None:
        if not at.certain:
            return None
        if path:
            named = [source for source in at.sources if source.path[-len(path) :] == path]
            if named:
                known = named[0].columns
                if known is None or star or name in known:
                    return known.get(name) if known and not star else None
                raise invalid_identifier(column, text)
        else:
            found = [one.columns for one in at.sources if one.columns and name in one.columns]
            if len(found) > 1 and name not in at.merged:
                raise compilation_error(f"ambiguous column name '{plain(name)}'", 2028, "42601")
            if found:
                return found[0][name]
            if name in at.aliases:
                return at.aliases[name]
            if any(one.columns is None for one in at.sources):
                return None
        at = at.outer
    if not path and name in _DATE_PARTS and isinstance(column.parent, exp.Func):
        return None
    raise invalid_identifier(column, text)


def invalid_identifier(name: exp.Expr, text: str) -> ProgrammingError:
    """The error for a missing column, with its place in the statement."""
    given: list[exp.Expr] = [*name.parts] if isinstance(name, exp.Column) else [name]
    shown = ".".join(plain(stored(part)) for part in given)
    return compilation_error(f"invalid identifier '{shown}'", 904, "42000", place(given[0], text))


def place(identifier: exp.Expr, text: str) -> tuple[int, int]:
    """The line and the position in it at which an identifier stands in a statement."""
    start = int(identifier.meta.get("start", 0))
    return text.count("\n", 0, start) + 1, start - (text.rfind("\n", 0, start) + 1)
