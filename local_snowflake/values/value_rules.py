"""Before fakesnow: what a statement says about VARIANT, fixed-point numbers and booleans.

Each rule takes an expression whose parts are settled already, with the types of these parts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from local_snowflake.values import value_casts as casts
from local_snowflake.values import value_comparisons as comparisons
from local_snowflake.values import value_forms as forms
from local_snowflake.values import value_numbers as numbers
from local_snowflake.values.value_flatten import flattened
from local_snowflake.values.value_scopes import Columns, Scopes
from local_snowflake.values.value_settling import Settling
from local_snowflake.values.value_types import BOOLEAN, REAL, TEXT

_COMPARED = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_OF_TEXT = (
    exp.DPipe, exp.Concat, exp.ConcatWs, exp.Upper, exp.Lower, exp.Trim, exp.Length, exp.Substring,
    exp.Left, exp.Right, exp.Replace, exp.SplitPart, exp.Contains, exp.StartsWith, exp.EndsWith,
    exp.Like, exp.ILike, exp.RegexpLike, exp.RegexpReplace, exp.GroupConcat, exp.StrPosition,
    exp.Split, exp.Strtok,
)  # fmt: skip
_OF_NUMBERS = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.Abs, exp.Round)
_BRANCHED = (exp.Coalesce, exp.If, exp.Nvl2, exp.Case)
_OF_BOOLEANS = (exp.And, exp.Or, exp.Not)
_ORDERED = (exp.Min, exp.Max, exp.Greatest, exp.Least, exp.Ordered)
_SUMS = (exp.Sum, exp.Avg, exp.Median)


def settle_values(statement: exp.Expr, columns: Columns) -> None:
    """Rewrite expressions on values so that the engine answers as Snowflake does.

    Args:
        statement: as it was parsed; changed in place.
        columns: looks up a table.

    Raises:
        ProgrammingError: for what Snowflake refuses, and what the engine would answer wrongly.

    """
    at = Settling(Scopes(columns))
    nodes = list(statement.walk())
    for node in nodes:
        if isinstance(node, exp.Condition | exp.Column):
            at.of(node)
    for node in reversed(nodes):  # the innermost expressions come first
        _apply(at, node)


def mend_distinct(statement: exp.Expr) -> None:
    """Mend SUM(DISTINCT ...), in which fakesnow casts the DISTINCT itself."""
    for cast in list(statement.find_all(exp.TryCast)):
        if isinstance(cast.this, exp.Distinct):
            cast.replace(cast.this)


def _flatten(at: Settling, node: exp.Expr) -> None:
    table = flattened(node, at.scopes)
    if table is not None:
        node.replace(table)


def _apply(at: Settling, node: exp.Expr) -> None:
    for types, form, kind in (
        (_OF_TEXT, forms.as_text, TEXT),
        (_OF_NUMBERS, forms.as_real, REAL),
        (_OF_BOOLEANS, forms.as_boolean, BOOLEAN),
    ):
        if isinstance(node, types):
            at.each(node, form, kind)
    for types, rule in _RULES:
        if isinstance(node, types):
            rule(at, node)
            return


_RULES: tuple[tuple[Any, Callable[[Settling, Any], None]], ...] = (
    (exp.Literal, numbers.literal),
    (exp.ParseJSON, casts.parse_json),
    (exp.Cast, casts.cast),
    (exp.ToVariant, casts.to_variant),
    ((exp.ToBoolean, exp.ToDouble), casts.to_boolean_or_double),
    (exp.Typeof, casts.type_of),
    (exp.JSONFormat, casts.to_json),
    (exp.JSONExtractScalar, casts.extract_text),
    (_COMPARED, comparisons.compare),
    ((exp.In, exp.Between), comparisons.among),
    ((exp.Where, exp.Having, exp.Join), comparisons.predicate),
    (_BRANCHED, comparisons.fold),
    (_ORDERED, comparisons.order),
    (exp.Div, numbers.divide),
    (exp.Mul, numbers.multiply),
    (_SUMS, numbers.aggregate),
    (exp.WithinGroup, numbers.percentile),
    ((exp.Struct, exp.JSONObject, exp.ObjectAgg), casts.make_object),
    (exp.Array, casts.make_array),
    (exp.ArrayAgg, casts.aggregate_array),
    (exp.SetOperation, comparisons.unite),
    ((exp.Lateral, exp.TableFromRows), _flatten),
)
