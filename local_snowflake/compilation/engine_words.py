"""Puts the errors of the engine into Snowflake's words."""

from __future__ import annotations

import re
from collections.abc import Callable

from snowflake.connector.errors import Error, ProgrammingError
from sqlglot import exp

from local_snowflake.compilation.scopes import invalid_identifier, place
from local_snowflake.engine.connection import EngineError
from local_snowflake.sql.errors import compilation_error, missing, sql_error
from local_snowflake.sql.names import plain, stored

Words = Callable[[re.Match[str], exp.Expr, str], ProgrammingError | None]


def in_snowflakes_words(error: Exception, expression: exp.Expr | None, text: str) -> Exception:
    """Answer Snowflake's error for an error of the engine, or the same error where none is known.

    Args:
        error: what the engine, or fakesnow, raised.
        expression: the parsed statement.
        text: what was parsed.

    """
    message = (error.msg if isinstance(error, Error) else str(error)) or ""
    if not isinstance(error, Error | EngineError):
        return error
    if of_value := _about_a_value(message):
        return of_value
    if expression is None:
        return error
    for pattern, words in _KNOWN:
        match = pattern.search(message)
        said = words(match, expression, text) if match else None
        if said is not None:
            return said
    return error


_MARKED = re.compile(r"\[(\d+) (\w+)\] (.*) \[/\1\]", re.DOTALL)
_NO_NUMBER = re.compile(
    r"Could not convert string ['\"](.*?)['\"] to (?:U?INT|HUGEINT|DECIMAL|DOUBLE|FLOAT)", re.DOTALL
)
_NO_BOOLEAN = re.compile(r"Could not convert string '(.*?)' to BOOL", re.DOTALL)


def _about_a_value(message: str) -> ProgrammingError | None:
    """The error for a value, whatever the statement; `marked` made some of these errors."""
    if found := _MARKED.search(message):
        return sql_error(found[3], int(found[1]), found[2])
    if found := _NO_NUMBER.search(message):
        return sql_error(f"Numeric value '{found[1]}' is not recognized", 100038, "22018")
    if found := _NO_BOOLEAN.search(message):
        return sql_error(f"Boolean value '{found[1]}' is not recognized", 100037, "22018")
    if "Division by zero in expression" in message:
        return sql_error("Division by zero", 100051, "22012")
    return None


def _no_column(match: re.Match[str], expression: exp.Expr, text: str) -> ProgrammingError | None:
    """The error for an unknown column; the pattern may have a group with its table."""
    groups = match.groupdict()
    name, table = groups.get("column"), groups.get("table")
    for column in expression.find_all(exp.Column):
        fits = name is None or stored(column.this).upper() == name.upper()
        if fits and (table is None or column.table.upper() == table.upper()):
            return invalid_identifier(column, text)
    for one in expression.find_all(exp.Identifier):
        if name is not None and stored(one).upper() == name.upper():
            return invalid_identifier(one, text)
    return None


def _not_grouped(match: re.Match[str], expression: exp.Expr, text: str) -> ProgrammingError | None:
    for select in expression.find_all(exp.Select):
        for column in select.find_all(exp.Column):
            if column.find_ancestor(exp.AggFunc, exp.Group) or stored(column.this) != match[1]:
                continue
            source = select.args["from_"].this if select.args.get("from_") else None
            table = stored(column.args.get("table")) or (source and source.alias_or_name.upper())
            shown = f"{table}.{plain(match[1])}" if table else plain(match[1])
            message = (
                f"'{shown}' in select clause is neither an aggregate nor in the group by clause."
            )
            return compilation_error(message, 979, "42601", place(column.parts[0], text))
    return None


def _unknown_function(
    match: re.Match[str],
    expression: exp.Expr,  # noqa: ARG001
    text: str,  # noqa: ARG001
) -> ProgrammingError:
    return compilation_error(f"Unknown function {match[1].upper()}.", 2140, "42601")


def _arguments(
    match: re.Match[str],
    expression: exp.Expr,  # noqa: ARG001
    text: str,  # noqa: ARG001
) -> ProgrammingError:
    types = match[2].replace("STRING_LITERAL", "VARCHAR").replace("INTEGER_LITERAL", "NUMBER")
    message = f"Invalid argument types for function '{match[1].upper()}': ({types})"
    return compilation_error(message, 1044, "42P13")


def _missing(match: re.Match[str], expression: exp.Expr, text: str) -> ProgrammingError:  # noqa: ARG001
    return missing("Object", match[1])


def _exists(match: re.Match[str], expression: exp.Expr, text: str) -> ProgrammingError:  # noqa: ARG001
    return compilation_error(f"Object '{match[1]}' already exists.", 2002, "42710")


def _duplicate_row(
    match: re.Match[str],  # noqa: ARG001
    expression: exp.Expr,  # noqa: ARG001
    text: str,  # noqa: ARG001
) -> ProgrammingError:
    return sql_error("Duplicate row detected during DML action", 100090, "42P18")


def _is_null(match: re.Match[str], expression: exp.Expr, text: str) -> ProgrammingError:  # noqa: ARG001
    message = (
        f"DML operation to table {match[1]} failed on column {match[2]} with error: "
        "NULL result in a non-nullable column"
    )
    return sql_error(message, 100072, "22000")


def _aggregate(match: re.Match[str], expression: exp.Expr, text: str) -> ProgrammingError | None:  # noqa: ARG001
    where = expression.find(exp.Where)
    found = where.find(exp.AggFunc) if where is not None else None
    if found is None:
        return None
    shown = found.sql(dialect="snowflake")
    message = f"Invalid aggregate function in where clause [{shown}]"
    return compilation_error(message, 2035, "42601")


_KNOWN: list[tuple[re.Pattern[str], Words]] = [
    (re.compile(pattern), words)
    for pattern, words in (
        (r'Referenced column "(?P<column>[^"]+)" not found', _no_column),
        (r'Referenced table "(?P<table>[^"]+)" not found', _no_column),
        (
            r'(?:Table|Values list) "(?P<table>[^"]+)" does not have a column named '
            r'"(?P<column>[^"]+)"',
            _no_column,
        ),
        (r"Referenced update column (?P<column>\S+) not found", _no_column),
        (r'does not have a column with name "(?P<column>[^"]+)"', _no_column),
        (r'column "([^"]+)" must appear in the GROUP BY clause', _not_grouped),
        (r"Table with name (\S+) does not exist", _missing),
        (
            r"(?:Scalar|Table|Aggregate)? ?Function with name (\S+) does not exist",
            _unknown_function,
        ),
        (r"No function matches the given name and argument types '(\w+)\(([^']*)\)'", _arguments),
        (r'with name "([^"]+)" already exists', _exists),
        (r"MERGE INTO command cannot affect the same target row", _duplicate_row),
        (r"NOT NULL constraint failed: ([^.\s]+)\.(\S+)", _is_null),
        (r"WHERE clause cannot contain aggregates", _aggregate),
    )
]
