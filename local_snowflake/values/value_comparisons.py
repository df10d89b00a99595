"""Rules for where values of different types meet: comparisons, predicates, branches, unions."""

from __future__ import annotations

from sqlglot import exp

from local_snowflake.sql.errors import compilation_error, unsupported
from local_snowflake.values import value_forms as forms
from local_snowflake.values.value_scopes import branches
from local_snowflake.values.value_settling import Settling
from local_snowflake.values.value_types import BOOLEAN, NULL, TEXT, VARIANT, Kind, folded


def compare(at: Settling, node: exp.Binary) -> None:
    """A comparison of two values."""
    if isinstance(node.parent, exp.Update) and node.arg_key == "expressions":
        return  # an assignment of SET, not a comparison
    left, right = node.this, node.expression
    kinds = (at.of(left), at.of(right))
    if BOOLEAN in kinds:
        for one in (left, right):
            kind = at.of(one)
            if kind is not None and kind.family in ("fixed", "real"):
                zero = exp.NEQ(this=one.copy(), expression=exp.Literal.number(0))
                at.put(one, exp.Paren(this=zero), BOOLEAN)
    if VARIANT not in kinds or NULL in kinds:
        return
    other = kinds[1] if kinds[0] == VARIANT else kinds[0]
    if isinstance(left, exp.Placeholder) or isinstance(right, exp.Placeholder):
        other = TEXT
    if other == TEXT or (kinds[0] == BOOLEAN and kinds[1] == VARIANT):
        for one in (left, right):
            if at.of(one) == VARIANT:
                at.put(one, forms.as_kind(one, other or TEXT), other)
    elif other is None or other.family == "time":
        raise unsupported(f"a comparison of a VARIANT with {_what(other)}, without a cast")
    else:
        a, b = (forms.as_variant(one, at.of(one)) for one in (left, right))
        at.put(node, forms.compared(node, a, b), BOOLEAN)


def among(at: Settling, node: exp.In | exp.Between) -> None:
    """IN and BETWEEN."""
    query = node.args.get("query")
    listed = (
        [node.args["low"], node.args["high"]]
        if isinstance(node, exp.Between)
        else [*node.expressions, *([query] if query else [])]
    )
    kinds = [at.of(one) for one in listed]
    if VARIANT not in (at.of(node.this), *kinds):
        return
    if any(kind not in (TEXT, NULL) for kind in kinds):
        raise unsupported("a VARIANT in IN or BETWEEN with what is no text, without a cast")
    at.put(node.this, forms.as_text(node.this), TEXT)


def predicate(at: Settling, node: exp.Expr) -> None:
    """A condition that decides on a row is a boolean."""
    found = node.args.get("on") if isinstance(node, exp.Join) else node.this
    if not isinstance(found, exp.Expr):
        return
    kind = at.of(found)
    if kind is not None and kind.family in ("variant", "fixed", "real"):
        text = found.sql(dialect="snowflake").upper()
        named = kind.of(found)
        raise compilation_error(
            f"Invalid data type [{named}] for predicate [{text}]", 2001, "22000"
        )


def fold(at: Settling, node: exp.Expr) -> None:
    """All branches of a conditional have one type."""
    ends = _ends(node)
    kinds = [at.of(one) for one in ends]
    together = folded(kinds)
    if together is None:
        return
    for one, kind in zip(ends, kinds, strict=True):
        if kind == VARIANT and together != VARIANT:
            at.put(one, forms.as_kind(one, together), together)
        elif kind == TEXT and together.family == "fixed":
            number = exp.Cast(this=one.copy(), to=exp.DataType.build("decimal(38, 5)"))
            at.put(one, number, together)
        elif together == BOOLEAN and kind is not None and kind.family == "fixed":
            at.put(one, exp.cast(one.copy(), "boolean"), BOOLEAN)
    if isinstance(node, exp.Case) and node.this is not None:
        asked = [one.this for one in node.args["ifs"]]
        if VARIANT in (at.of(node.this), *(at.of(one) for one in asked)):
            if any(at.of(one) not in (TEXT, NULL) for one in asked):
                raise unsupported("CASE of a VARIANT with what is no text, without a cast")
            at.put(node.this, forms.as_text(node.this), TEXT)


def order(at: Settling, node: exp.Expr) -> None:
    """Refuse an order of VARIANTs: the engine would sort their texts."""
    if any(at.of(one) == VARIANT for one in (node.this, *(node.expressions or []))):
        raise unsupported("the order of VARIANTs, without a cast")


def unite(at: Settling, node: exp.SetOperation) -> None:
    """A set operation, whose columns are of one type each."""
    arms: list[exp.Expr] = []
    left: exp.Expr = node
    if isinstance(node.parent, exp.SetOperation):
        return
    while isinstance(left, exp.SetOperation):
        arms.append(left.expression.unnest())
        left = left.this
    arms.append(left.unnest())
    if not all(isinstance(arm, exp.Select) and not arm.is_star for arm in arms):
        return
    for row in zip(*(arm.expressions for arm in arms), strict=False):
        families = {kind.family if (kind := at.of(one)) else "" for one in row}
        if "variant" in families and families - {"variant", "null"}:
            raise unsupported("a set operation of a VARIANT with another type, without a cast")
        if {"fixed", "text"} == families - {"null"}:
            for one in row:
                value = one.unalias()
                if at.of(value) == TEXT:
                    to = exp.DataType.build("decimal(38, 5)")
                    value.replace(exp.Cast(this=value.copy(), to=to))


def _ends(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.Case):
        return list(branches(node))
    if isinstance(node, exp.Coalesce):
        return [node.this, *node.expressions]
    return [one for key in ("true", "false") if (one := node.args.get(key)) is not None]


def _what(kind: Kind | None) -> str:
    return "a time" if kind else "what is not known before it runs"
