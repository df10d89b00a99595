"""Rules for fixed-point numbers: their digits, quotients and aggregates."""

from __future__ import annotations

from sqlglot import exp

from local_snowflake.values import value_forms as forms
from local_snowflake.values.value_settling import Settling
from local_snowflake.values.value_types import NULL, REAL, TEXT, VARIANT, Kind, quotient_decimals


def literal(_: Settling, node: exp.Literal) -> None:
    """Zeros at the end of a constant do not count."""
    if not node.is_string and "." in node.name and "e" not in node.name.lower():
        digits = node.name.rstrip("0").rstrip(".") or "0"
        node.set("this", digits)


def divide(at: Settling, node: exp.Div) -> None:
    """A quotient has six decimals more than the dividend; a division by zero fails."""
    kinds = at.of(node.this), at.of(node.expression)
    if all(kind is not None and kind.family == "fixed" for kind in kinds):
        decimals = quotient_decimals(kinds[0].decimals)  # type: ignore[union-attr]
        made = forms.quotient(node.this, node.expression, decimals)
        at.put(node, made, Kind("fixed", 38, decimals))
    elif NULL not in kinds:
        made = forms.macro("local_divided", node.this.copy(), node.expression.copy())
        at.put(node, made, REAL if REAL in kinds else None)


def multiply(at: Settling, node: exp.Mul) -> None:
    """A product has at most twelve decimals, or those of a factor."""
    left, right = at.of(node.this), at.of(node.expression)
    kind = at.of(node)
    exact = left and right and kind and kind.family == "fixed"
    if exact and left.decimals + right.decimals > kind.decimals:  # type: ignore[union-attr]
        made = exp.Cast(this=exp.Paren(this=node.copy()), to=forms.decimal(kind))  # type: ignore[arg-type]
        at.put(node, made, kind)


def aggregate(at: Settling, node: exp.Sum | exp.Avg | exp.Median) -> None:
    """SUM, AVG and MEDIAN."""
    distinct = node.this if isinstance(node.this, exp.Distinct) else None
    value = distinct.expressions[0] if distinct else node.this
    kind = at.of(value)
    if kind == VARIANT:
        at.put(value, exp.cast(forms.as_real(value), "double"), REAL)
    elif kind == TEXT:
        at.put(value, exp.cast(value.copy(), "double"), REAL)
    elif kind is not None and kind.family == "fixed":
        own = kind
        if isinstance(node, exp.Median):
            own = Kind("fixed", 38, kind.decimals + 3)
        at.put(value, exp.Cast(this=value.copy(), to=forms.decimal(own)), own)
        if isinstance(node, exp.Avg):
            _average(at, node, kind)


def _average(at: Settling, node: exp.Avg, kind: Kind) -> None:
    outer = node.parent if isinstance(node.parent, exp.Window) else node
    parts = []
    for function in (exp.Sum, exp.Count):
        part = outer.copy()
        inner = part.this if isinstance(outer, exp.Window) else part
        made = function(this=inner.this.copy())
        if isinstance(outer, exp.Window):
            part.set("this", made)
        parts.append(part if isinstance(outer, exp.Window) else made)
    decimals = quotient_decimals(kind.decimals)
    at.put(outer, forms.quotient(parts[0], parts[1], decimals), Kind("fixed", 38, decimals))


def percentile(at: Settling, node: exp.WithinGroup) -> None:
    """PERCENTILE_CONT has three decimals more than its values."""
    kind = at.of(node)
    if isinstance(node.this, exp.PercentileCont) and kind and kind.family == "fixed":
        value = node.expression.expressions[0].this
        value.replace(exp.Cast(this=value.copy(), to=forms.decimal(kind)))
