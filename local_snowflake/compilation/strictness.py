"""Refuses what Snowflake refuses, and the engine would accept.

Each check takes the parsed statement, before any of fakesnow's transformations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from local_snowflake.sql.errors import compilation_error, sql_error
from local_snowflake.sql.names import check_database_name, stored, written
from local_snowflake.sql.sql_types import declared, family, takes_default, type_of

SEMI_STRUCTURED = (exp.ParseJSON, exp.Struct, exp.Array, exp.ObjectAgg)


def check_statement(
    expression: exp.Expression,
    *,
    in_procedure: bool,
    owner_rights: bool,
    params: Sequence[Any] | None,
) -> None:
    """Refuse what Snowflake refuses by the form of the statement.

    Args:
        expression: the parsed statement.
        in_procedure: whether a procedure's session sends it.
        owner_rights: whether that procedure runs with its owner's rights.
        params: the values bound to `?`.

    Raises:
        ProgrammingError: in Snowflake's class.

    """
    _check_binds(expression, params, in_procedure=in_procedure)
    if owner_rights:
        _check_temporary(expression)
    if isinstance(expression, exp.Insert):
        _check_values(expression)
    if isinstance(expression, exp.Create) and expression.kind == "DATABASE":
        check_database_name(written(expression.this))
    if isinstance(expression, exp.Create | exp.Alter):
        _check_defaults(expression)
    if isinstance(expression, exp.Update):
        _check_set_targets(expression)


def _check_binds(
    expression: exp.Expression, params: Sequence[Any] | None, *, in_procedure: bool
) -> None:
    """A statement has as many values as placeholders; in a procedure no None and no list."""
    wanted = len(list(expression.find_all(exp.Placeholder)))
    given = len(params or ())
    if wanted != given:
        raise compilation_error(
            f"Bind variable ? not set: {wanted} wanted, {given} given.", 2049, "42601"
        )
    for value in params or ():
        if in_procedure and value is None:
            raise sql_error("Binding None inside a procedure is not reliable.", 2049, "42601")
        if isinstance(value, list):
            raise sql_error("A list binds as many rows, not as one value.", 2049, "42601")


def _check_temporary(expression: exp.Expression) -> None:
    """No temporary objects in owner's-rights procedures."""
    properties = expression.args.get("properties") if isinstance(expression, exp.Create) else None
    if properties and properties.find(exp.TemporaryProperty):
        message = "Stored procedure execution error: Unsupported statement type 'temporary object'."
        raise sql_error(message, 90236, "42601")


def _check_values(expression: exp.Insert) -> None:
    """No semi-structured expression in a VALUES clause."""
    if not isinstance(expression.expression, exp.Values):
        return
    for function in (exp.ParseJSON, exp.Struct, exp.Array, exp.Anonymous):
        found = expression.expression.find(function)
        if found and (function is not exp.Anonymous or "JSON" in found.name.upper()):
            text = found.sql(dialect="snowflake")
            message = f"Invalid expression [{text}] in VALUES clause"
            raise compilation_error(message, 2014, "22000")


def _check_defaults(expression: exp.Create | exp.Alter) -> None:
    """ADD COLUMN takes a constant default only; a default has the type of its column."""
    for definition in expression.find_all(exp.ColumnDef):
        constraint = definition.find(exp.DefaultColumnConstraint)
        if not constraint:
            continue
        kind, default = definition.args.get("kind"), constraint.this
        if isinstance(expression, exp.Alter):
            if definition.args.get("exists"):
                message = "ADD COLUMN IF NOT EXISTS cannot be combined with DEFAULT."
                raise compilation_error(message, 1003, "42000")
            if not isinstance(default, exp.Literal | exp.Boolean | exp.Null | exp.Neg):
                message = "Invalid column default expression."
                raise compilation_error(message, 2263, "22000")
        if kind is None:
            continue
        column, value = declared(kind) or "", type_of(default, lambda _: None) or ""
        if family(column) == "BINARY":
            message = "Default values are not allowed on 'BINARY' columns."
            raise sql_error(f"SQL compilation error: {message}", 2263, "22000")
        # A timestamp column with a precision of its own takes no CURRENT_TIMESTAMP().
        precise = kind.expressions and isinstance(default, exp.CurrentTimestamp)
        if precise or (column and value and not takes_default(column, value)):
            message = (
                "Default value data type does not match data type for column "
                f"{stored(definition.this)}"
            )
            raise compilation_error(message, 2023, "22000")


def _check_set_targets(expression: exp.Update) -> None:
    """A SET target is a bare column name."""
    for pair in expression.expressions:
        if isinstance(pair, exp.EQ) and isinstance(pair.this, exp.Column) and pair.this.table:
            text = pair.this.sql(dialect="snowflake")
            raise compilation_error(f"syntax error: unexpected '{text}' in SET.", 1003, "42000")
