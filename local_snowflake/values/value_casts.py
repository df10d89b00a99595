"""Rules for functions and casts that make a VARIANT, or make something of a VARIANT."""

from __future__ import annotations

from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

from local_snowflake.sql.errors import compilation_error, unsupported
from local_snowflake.values import value_forms as forms
from local_snowflake.values.value_settling import Settling
from local_snowflake.values.value_types import BOOLEAN, NULL, REAL, TEXT, VARIANT, Kind, of_type


def to_variant(at: Settling, node: exp.ToVariant) -> None:
    """TO_VARIANT, which does not parse a text."""
    at.put(node, forms.as_variant(node.this, at.of(node.this)), VARIANT)


def type_of(at: Settling, node: exp.Typeof) -> None:
    """TYPEOF: the type that a value has as VARIANT."""
    value = forms.as_variant(node.this, at.of(node.this))
    at.put(node, forms.call("local_py_kind", value), TEXT)


def to_json(at: Settling, node: exp.JSONFormat) -> None:
    """TO_JSON."""
    value = forms.as_variant(node.this, at.of(node.this))
    at.put(node, forms.macro("local_json_text", value), TEXT)


def parse_json(at: Settling, node: exp.ParseJSON) -> None:
    """PARSE_JSON and TRY_PARSE_JSON."""
    if node.expression:
        raise unsupported("PARSE_JSON with a second argument")
    kind = at.of(node.this)
    given = forms.as_text(node.this) if kind == VARIANT else node.this.copy()
    name = "local_py_try_parse" if node.args.get("safe") else "local_py_parse"
    at.put(node, forms.call(name, given), VARIANT)


def extract_text(at: Settling, node: exp.JSONExtractScalar) -> None:
    """JSON_EXTRACT_PATH_TEXT, which takes a text as well as a VARIANT."""
    value = node.this.copy()
    if at.of(node.this) != VARIANT:
        value = forms.call("local_py_parse", value)
    part = exp.JSONExtract(this=value, expression=node.expression.copy())
    at.put(node, forms.call("local_py_text", part), TEXT)


def cast(at: Settling, node: exp.Cast) -> None:
    """CAST and TRY_CAST."""
    value, to = node.this, of_type(node.to)
    kind, tried = at.of(value), isinstance(node, exp.TryCast)
    if to is None or kind == NULL:
        return
    if tried and kind not in (None, TEXT) and node.args.get("requires_string"):
        raise _no_try(kind, to, value)
    made: exp.Expr | None = None
    if to == VARIANT:
        made = forms.as_variant(value, kind)
        if kind == VARIANT and node.to.this != exp.DType.VARIANT:
            name = "local_object" if node.to.this == exp.DType.OBJECT else "local_array"
            made = forms.macro(name, made)
    elif kind == VARIANT:
        made = _from_variant(value, to, node.to)
    elif kind == TEXT and to == BOOLEAN:
        made = forms.macro("local_try_boolean" if tried else "local_boolean", value.copy())
    elif kind == REAL and to == TEXT:
        made = forms.call("local_py_float_text", value.copy())
    elif kind == REAL and to.family == "fixed":
        places = exp.Literal.number(to.decimals)
        value.replace(exp.Round(this=value.copy(), decimals=places))
    if made is not None:
        at.put(node, made, to)


def _from_variant(value: exp.Expr, to: Kind, type_: exp.DataType) -> exp.Expr | None:
    if to.family == "fixed":
        return forms.as_fixed(value, type_)
    if to in (TEXT, REAL, BOOLEAN):
        return forms.as_kind(value, to)
    return forms.as_date(value) if type_.this == exp.DType.DATE else None


def to_boolean_or_double(at: Settling, node: exp.ToBoolean | exp.ToDouble) -> None:
    """TO_BOOLEAN and TO_DOUBLE."""
    kind, value = at.of(node.this), node.this
    to, tried = (BOOLEAN, "local_try_boolean") if isinstance(node, exp.ToBoolean) else (REAL, "")
    safe = bool(node.args.get("safe"))
    if kind == VARIANT and not safe:
        made = forms.as_kind(value, to)
    elif to == BOOLEAN and kind == TEXT:
        made = forms.macro(tried if safe else "local_boolean", value.copy())
    else:
        cast = exp.TryCast if safe else exp.Cast
        name = "boolean" if to == BOOLEAN else "double"
        made = cast(this=value.copy(), to=exp.DataType.build(name))
    at.put(node, made, to)


def make_object(at: Settling, node: exp.Expr) -> None:
    """OBJECT_CONSTRUCT and its like; the keys of the object are sorted."""
    pairs = [node] if isinstance(node, exp.ObjectAgg) else node.expressions
    if any(pair.is_star for pair in pairs):
        return
    for pair in pairs:
        value = pair.expression
        value.replace(forms.as_variant(value, at.of(value)))
    at.put(node, forms.call("local_py_sorted", node.copy()), VARIANT)


def make_array(at: Settling, node: exp.Array) -> None:
    """ARRAY_CONSTRUCT."""
    items = [
        forms.macro("local_item", forms.as_variant(one, at.of(one))) for one in node.expressions
    ]
    at.put(node, forms.call("json_array", *items), VARIANT)


def aggregate_array(at: Settling, node: exp.ArrayAgg) -> None:
    """ARRAY_AGG."""
    kind = at.of(node.this)
    if isinstance(node.this, exp.Column | exp.Func | exp.Literal):
        node.this.replace(forms.as_variant(node.this, kind))
    elif kind is None or kind.family in ("real", "fixed"):
        raise unsupported("ARRAY_AGG with DISTINCT or an order, of what is no text")


def _no_try(kind: Kind | None, to: Kind, value: exp.Expr) -> ProgrammingError:
    known = kind or VARIANT
    message = (
        "Function TRY_CAST cannot be used with arguments of types "
        f"{known.of(value)} and {to.named()}"
    )
    return compilation_error(message, 1065, "22023")
