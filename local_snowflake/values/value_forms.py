"""The expressions of DuckDB that convert a VARIANT, or convert to a VARIANT.

The engine itself converts ordinary values; for all other values the expressions call functions of
variant_functions.py.
"""

from __future__ import annotations

from sqlglot import exp

from local_snowflake.sql.errors import unsupported
from local_snowflake.values.macro_place import PLACE
from local_snowflake.values.value_types import (
    BOOLEAN,
    FIXED,
    NULL,
    REAL,
    TEXT,
    VARIANT,
    Kind,
)

_ROOT = "$"


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """A call of a function of variant_functions.py."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def macro(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """A call of a macro."""
    return call(f"{PLACE}{name}", *arguments)


def decimal(kind: Kind) -> exp.DataType:
    """The engine's type of a fixed-point number, also of integers wider than a BIGINT."""
    if not kind.decimals:
        return exp.DataType.build("int128")
    return exp.DataType.build(f"decimal({max(kind.digits, kind.decimals)}, {kind.decimals})")


def is_once(value: exp.Expr) -> bool:
    """Whether a value may stand in a statement only once, as a bound value."""
    return value.find(exp.Placeholder, exp.Subquery, exp.Anonymous) is not None


def _document(value: exp.Expr) -> exp.Expr:
    """The whole document of which a value is a part."""
    while isinstance(value, exp.JSONExtract | exp.GetExtract | exp.Bracket | exp.Paren):
        value = value.this
    return value


def _scalar(value: exp.Expr) -> exp.Expr:
    """The engine's text of a value: a string without its quotes, a null as NULL."""
    inner = value.unnest() if isinstance(value, exp.Paren) else value
    if isinstance(inner, exp.JSONExtract) and isinstance(inner.expression, exp.JSONPath):
        return exp.JSONExtractScalar(this=inner.this.copy(), expression=inner.expression.copy())
    return call("json_extract_string", value.copy(), exp.Literal.string(_ROOT))


def as_text(value: exp.Expr) -> exp.Expr:
    """A VARIANT as VARCHAR."""
    if is_once(value):
        return call("local_py_text", value.copy())
    document = _document(value).copy()
    return macro("local_variant_text", document, _scalar(value), value.copy())


def as_fixed(value: exp.Expr, to: exp.DataType) -> exp.Expr:
    """A VARIANT as a NUMBER."""
    rest = exp.Cast(this=call("local_py_fixed", value.copy()), to=to.copy())
    if is_once(value):
        return rest
    return exp.Coalesce(
        this=exp.TryCast(this=_scalar(value), to=to.copy()), expressions=[rest]
    )  # fmt: skip


def as_real(value: exp.Expr) -> exp.Expr:
    """A VARIANT as FLOAT."""
    return call("local_py_real", value.copy())


def as_boolean(value: exp.Expr) -> exp.Expr:
    """A VARIANT as BOOLEAN."""
    return call("local_py_boolean", value.copy())


def as_date(value: exp.Expr) -> exp.Expr:
    """A VARIANT as DATE."""
    return macro("local_variant_date", value.copy())


def as_kind(value: exp.Expr, kind: Kind) -> exp.Expr:
    """A VARIANT as the type of the value beside it.

    Raises:
        ProgrammingError: for a type to which no conversion is known here.

    """
    if kind == TEXT:
        return as_text(value)
    if kind.family == FIXED.family:
        return as_fixed(value, decimal(kind))
    if kind == REAL:
        return as_real(value)
    if kind == BOOLEAN:
        return as_boolean(value)
    raise unsupported("a VARIANT beside a time, without a cast")


def as_variant(value: exp.Expr, kind: Kind | None) -> exp.Expr:
    """A value as VARIANT."""
    if kind == VARIANT:
        return value.copy()
    if kind == NULL:
        return exp.Cast(this=value.copy(), to=exp.DataType.build("json"))
    if kind == REAL:
        return call("local_py_double", value.copy())
    if kind is None:
        return macro("local_to_variant", value.copy())
    if kind.family == FIXED.family:
        return macro("local_exact", value.copy())
    return call("to_json", value.copy())


def quotient(over: exp.Expr, under: exp.Expr, decimals: int) -> exp.Expr:
    """A division of fixed-point numbers."""
    places = exp.Literal.number(decimals)
    text = macro("local_quotient", over.copy(), under.copy(), places)
    return exp.Cast(this=text, to=decimal(Kind("fixed", 38, decimals)))


def compared(node: exp.Binary, left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """A comparison of two VARIANTs."""
    order = call("local_py_compare", left, right)
    return type(node)(this=order, expression=exp.Literal.number(0))
