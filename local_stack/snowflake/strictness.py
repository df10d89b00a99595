"""What real Snowflake refuses and the engine underneath would let pass (facts, 3, 4 and 9).

Each check takes the parsed statement, before any of fakesnow's transformations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

from local_stack.snowflake.errors import compilation_error, sql_error
from local_stack.snowflake.names import written

ColumnType = Callable[[str, str], str | None]

SEMI_STRUCTURED = (exp.ParseJSON, exp.Struct, exp.Array, exp.ObjectAgg)


def check_statement(
    expression: exp.Expression,
    *,
    in_procedure: bool,
    owner_rights: bool,
    params: Sequence[Any] | None,
    column_type: ColumnType,
) -> None:
    """Refuse what Snowflake refuses.

    Args:
        expression: the parsed statement.
        in_procedure: whether a procedure's session sends it.
        owner_rights: whether that procedure runs with its owner's rights.
        params: the values bound to `?`.
        column_type: answers the declared type of a table's column, as stored, or None.

    Raises:
        ProgrammingError: in Snowflake's class.

    """
    _check_binds(expression, params, in_procedure=in_procedure)
    if owner_rights:
        _check_temporary(expression)
    if isinstance(expression, exp.Insert):
        _check_values(expression)
    _check_text_into_variant(expression, column_type)
    if isinstance(expression, exp.Create | exp.Alter):
        _check_defaults(expression)
    if isinstance(expression, exp.Update):
        _check_set_targets(expression)
    _check_column_case(expression, column_type)


def _check_binds(
    expression: exp.Expression, params: Sequence[Any] | None, *, in_procedure: bool
) -> None:
    """As many values as placeholders; in a procedure no None and no list (facts, 4.1)."""
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
    """No temporary objects in owner's-rights procedures (facts, 3.3)."""
    properties = expression.args.get("properties") if isinstance(expression, exp.Create) else None
    if properties and properties.find(exp.TemporaryProperty):
        message = "Stored procedure execution error: Unsupported statement type 'temporary object'."
        raise sql_error(message, 90236, "42601")


def _check_values(expression: exp.Insert) -> None:
    """No semi-structured expression in a VALUES clause (facts, 4.2)."""
    if not isinstance(expression.expression, exp.Values):
        return
    for function in (exp.ParseJSON, exp.Struct, exp.Array, exp.Anonymous):
        found = expression.expression.find(function)
        if found and (function is not exp.Anonymous or "JSON" in found.name.upper()):
            text = found.sql(dialect="snowflake")
            message = f"Invalid expression [{text}] in VALUES clause"
            raise compilation_error(message, 2014, "22000")


def _check_text_into_variant(expression: exp.Expression, column_type: ColumnType) -> None:
    """Text does not become VARIANT by itself (facts, 4.2)."""
    for table, column, value in _assignments(expression):
        if _is_text(value) and column_type(table, column) == "VARIANT":
            raise _type_mismatch(column)


def _assignments(expression: exp.Expression) -> Iterator[tuple[str, str, exp.Expression]]:
    if isinstance(expression, exp.Insert) and isinstance(expression.this, exp.Schema):
        table = written(expression.this.this)
        columns = [_stored(identifier) for identifier in expression.this.expressions]
        source = expression.expression
        rows = (
            [row.expressions for row in source.expressions if isinstance(row, exp.Tuple)]
            if isinstance(source, exp.Values)
            else [source.expressions]
            if isinstance(source, exp.Select)
            else []
        )
        for row in rows:
            for column, value in zip(columns, row, strict=False):
                yield table, column, value.unalias()
    elif isinstance(expression, exp.Update):
        table = written(expression.this)
        for pair in expression.expressions:
            if isinstance(pair, exp.EQ) and isinstance(pair.this, exp.Column):
                yield table, _stored(pair.this.this), pair.expression


def _is_text(value: exp.Expression) -> bool:
    if isinstance(value, exp.Literal):
        return bool(value.is_string)
    if isinstance(value, exp.Cast):
        return bool(value.to.is_type(*exp.DataType.TEXT_TYPES))
    return isinstance(value, exp.Placeholder)


def _type_mismatch(column: str) -> ProgrammingError:
    message = (
        "Expression type does not match column data type, expecting VARIANT but got VARCHAR "
        f"for column {column}"
    )
    return compilation_error(message, 2023, "22000")


def _check_defaults(expression: exp.Create | exp.Alter) -> None:
    """Which column defaults are taken (facts, 9.3)."""
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
        precise = kind is not None and kind.expressions and "TIMESTAMP" in kind.sql().upper()
        number_for_boolean = (
            kind is not None
            and kind.is_type("boolean")
            and isinstance(default, exp.Literal)
            and not default.is_string
        )
        if (precise and isinstance(default, exp.CurrentTimestamp)) or number_for_boolean:
            message = (
                f"Default value data type does not match data type for column {definition.name}"
            )
            raise compilation_error(message, 2023, "22000")


def _check_set_targets(expression: exp.Update) -> None:
    """A SET target is a bare column name (facts, 4.3)."""
    for pair in expression.expressions:
        if isinstance(pair, exp.EQ) and isinstance(pair.this, exp.Column) and pair.this.table:
            text = pair.this.sql(dialect="snowflake")
            raise compilation_error(f"syntax error: unexpected '{text}' in SET.", 1003, "42000")


def _check_column_case(expression: exp.Expression, column_type: ColumnType) -> None:
    """An unquoted name is upper-case: it does not find a lower-case column (facts, 9.2).

    Only statements on a single table are checked; with several it is not certain whose column a
    name is.
    """
    tables = list(expression.find_all(exp.Table))
    single = len(tables) == 1 and isinstance(tables[0].this, exp.Identifier)
    if not single or isinstance(expression, exp.Create | exp.Alter | exp.Drop | exp.Describe):
        return
    table = written(tables[0])
    aliases = {found.alias.lower() for found in expression.find_all(exp.Alias)}
    for found in expression.find_all(exp.Column):
        name = found.this
        if not isinstance(name, exp.Identifier) or name.quoted or name.name.lower() in aliases:
            continue
        if found.table and found.table.upper() != (tables[0].alias_or_name or "").upper():
            continue
        if column_type(table, name.name.upper()) is None and column_type(table, name.name.lower()):
            message = f"error line 1 at position 0\ninvalid identifier '{name.name.upper()}'"
            raise compilation_error(message, 904, "42000")


def _stored(identifier: exp.Expression) -> str:
    quoted = isinstance(identifier, exp.Identifier) and identifier.quoted
    return identifier.name if quoted else identifier.name.upper()
