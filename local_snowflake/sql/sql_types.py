"""The types of columns and expressions as Snowflake names types, where the type is certain."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

TypeOfColumn = Callable[[exp.Column], str | None]

_ENGINES = {
    "BIGINT": "NUMBER(38,0)", "BLOB": "BINARY(8388608)", "BOOLEAN": "BOOLEAN", "DATE": "DATE",
    "DOUBLE": "FLOAT", "FLOAT": "FLOAT", "HUGEINT": "NUMBER(38,0)", "INTEGER": "NUMBER(38,0)",
    "JSON": "VARIANT", "SMALLINT": "NUMBER(38,0)", "TIME": "TIME(9)",
    "TIMESTAMP": "TIMESTAMP_NTZ(9)",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_LTZ(9)", "TIMESTAMP_NS": "TIMESTAMP_NTZ(9)",
    "TINYINT": "NUMBER(38,0)", "UBIGINT": "NUMBER(38,0)",
}  # fmt: skip
_LONGEST = 16777216
_TIMES = {
    exp.DType.TIMESTAMP: "TIMESTAMP_NTZ(9)", exp.DType.TIMESTAMPNTZ: "TIMESTAMP_NTZ(9)",
    exp.DType.TIMESTAMPLTZ: "TIMESTAMP_LTZ(9)", exp.DType.TIMESTAMPTZ: "TIMESTAMP_TZ(9)",
    exp.DType.DATETIME: "TIMESTAMP_NTZ(9)", exp.DType.DATE: "DATE", exp.DType.TIME: "TIME(9)",
}  # fmt: skip
_TEXTS = (
    exp.DPipe, exp.Concat, exp.ConcatWs, exp.Upper, exp.Lower, exp.Trim, exp.Substring, exp.Left,
    exp.Right, exp.Replace, exp.ToChar, exp.SplitPart, exp.GroupConcat,
)  # fmt: skip
_BOOLEANS = (exp.Predicate, exp.Boolean, exp.And, exp.Or, exp.Not)
_NUMBERS = (exp.Length, exp.Count, exp.CountIf, exp.DateDiff, exp.TimestampDiff, exp.RowNumber)
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
_SAME = (exp.Paren, exp.Neg, exp.Max, exp.Min, exp.AnyValue)


def of_engine(kind: str, length: int | None = None) -> str:
    """The type of a stored column.

    Args:
        kind: the engine's name of the type.
        length: the declared length of a text.

    """
    if kind == "VARCHAR":
        return f"VARCHAR({length or _LONGEST})"
    if kind.startswith("DECIMAL"):
        return kind.replace("DECIMAL", "NUMBER")
    return _ENGINES.get(kind, kind)


def declared(kind: exp.DataType) -> str | None:
    """The type that a cast or a definition of a column names."""
    sizes = [size.name for size in kind.expressions]
    if kind.is_type(*exp.DataType.TEXT_TYPES):
        return f"VARCHAR({sizes[0] if sizes else _LONGEST})"
    if kind.this in _TIMES:
        return _TIMES[kind.this]
    if kind.is_type("boolean"):
        return "BOOLEAN"
    if kind.is_type("variant", "json"):
        return "VARIANT"
    if kind.is_type("array", "object", "struct", "binary", "varbinary"):
        return "OBJECT" if kind.is_type("struct") else str(kind.this.name).replace("VAR", "")
    if kind.is_type(*exp.DataType.INTEGER_TYPES, "decimal"):
        precision, scale = [*sizes, "0"][:2] if sizes else ("38", "0")
        return f"NUMBER({precision},{scale})"
    return "FLOAT" if kind.is_type("float", "double") else None


def family(kind: str) -> str:
    """A type without its sizes."""
    return kind.partition("(")[0]


def type_of(value: exp.Expr, column: TypeOfColumn) -> str | None:
    """The type of an expression, or None where it is not certain.

    Args:
        value: the expression.
        column: answers the type of a column in the expression.

    """
    if isinstance(value, exp.Column):
        return column(value)
    if isinstance(value, exp.Literal):
        return f"VARCHAR({max(len(value.name), 1)})" if value.is_string else _number(value.name)
    if isinstance(value, exp.RawString | exp.Placeholder):
        return f"VARCHAR({_LONGEST})"
    if isinstance(value, exp.Cast | exp.TryCast):
        return declared(value.to)
    if isinstance(value, _SAME):
        return type_of(value.this, column)
    if isinstance(value, _BOOLEANS):
        return "BOOLEAN"
    if isinstance(value, exp.CurrentTimestamp):
        return "TIMESTAMP_NTZ(9)" if value.args.get("sysdate") else "TIMESTAMP_LTZ(9)"
    if isinstance(value, _ARITHMETIC):
        sides = {family(type_of(side, column) or "") for side in (value.this, value.expression)}
        return "NUMBER(38,0)" if sides == {"NUMBER"} else None
    return next((kind for nodes, kind in _OTHERS if isinstance(value, nodes)), None)


_OTHERS: tuple[tuple[tuple[type[exp.Expr], ...], str], ...] = (
    (_TEXTS, f"VARCHAR({_LONGEST})"),
    (_NUMBERS, "NUMBER(18,0)"),
    ((exp.CurrentDate,), "DATE"),
    ((exp.CurrentTime,), "TIME(9)"),
    ((exp.ParseJSON, exp.JSONExtract), "VARIANT"),
    ((exp.Array, exp.ArrayAgg), "ARRAY"),
    ((exp.Struct, exp.ObjectAgg), "OBJECT"),
)


def _number(digits: str) -> str | None:
    if not re.fullmatch(r"[\d.]+", digits):
        return None
    whole, _, fraction = digits.partition(".")
    whole = whole.lstrip("0")
    return f"NUMBER({max(len(whole) + len(fraction), 1)},{len(fraction)})"


_TEMPORAL = {"DATE", "TIME", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ"}
_PLAIN = {"NUMBER", "FLOAT", "BOOLEAN"}
# Which families of types a column takes; others are refused before any row is read.
_TAKEN = {
    "NUMBER": {"NUMBER", "FLOAT", "VARCHAR", "VARIANT"},
    "FLOAT": {"NUMBER", "FLOAT", "VARCHAR", "VARIANT"},
    "BOOLEAN": {*_PLAIN, "VARCHAR", "VARIANT"},
    "DATE": {*(_TEMPORAL - {"TIME"}), "VARCHAR", "VARIANT"},
    "TIME": {*(_TEMPORAL - {"DATE"}), "VARCHAR", "VARIANT"},
    "TIMESTAMP_NTZ": {*(_TEMPORAL - {"TIME"}), "VARCHAR", "VARIANT"},
    "TIMESTAMP_LTZ": {*(_TEMPORAL - {"TIME"}), "VARCHAR", "VARIANT"},
    "TIMESTAMP_TZ": {*(_TEMPORAL - {"TIME"}), "VARCHAR", "VARIANT"},
    "VARIANT": {*_PLAIN, *_TEMPORAL, "VARIANT", "ARRAY", "OBJECT", "BINARY"},
    "ARRAY": {"ARRAY", "VARIANT"},
    "OBJECT": {"OBJECT", "VARIANT"},
}


def takes(column: str, value: str) -> bool:
    """Whether a column takes values of a type, as far as the types alone decide."""
    taken = _TAKEN.get(family(column))
    return taken is None or family(value) in taken


# Which defaults a column takes, by families; every column takes TRUE, FALSE and NULL.
_DEFAULTS = {
    "NUMBER": {*_PLAIN, *_TEMPORAL, "VARIANT"},
    "FLOAT": {*_PLAIN, *_TEMPORAL, "VARIANT"},
    "DATE": {*_PLAIN, "DATE"},
    "TIME": {*_PLAIN, "TIME"},
    "TIMESTAMP_NTZ": {*_PLAIN, *_TEMPORAL},
    "TIMESTAMP_LTZ": {*_PLAIN, *_TEMPORAL},
    "TIMESTAMP_TZ": {*_PLAIN, *_TEMPORAL},
    "VARCHAR": {"VARCHAR", "BOOLEAN", "VARIANT"},
    "BOOLEAN": {"VARCHAR", "BOOLEAN", *_TEMPORAL},
    "VARIANT": {"VARCHAR", "BOOLEAN", "VARIANT", *_TEMPORAL},
}


def takes_default(column: str, value: str) -> bool:
    """Whether a column of a type takes a default of another type."""
    taken = _DEFAULTS.get(family(column))
    return taken is None or family(value) in taken
