"""Finds the types of a statement's expressions, from the columns outwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlglot import exp

from local_snowflake.sql.names import stored, written
from local_snowflake.values.value_types import (
    BY_NODE,
    FIXED,
    NULL,
    REAL,
    TEXT,
    VARIANT,
    Kind,
    calculated,
    folded,
    of_literal,
    of_name,
    of_type,
    quotient_decimals,
)

# The columns of a table, by their stored names, with the engine's names of their types.
Columns = Callable[[str], Mapping[str, str]]
_FLATTENED = {
    "SEQ": FIXED, "KEY": TEXT, "PATH": TEXT, "INDEX": FIXED, "VALUE": VARIANT, "THIS": VARIANT,
}  # fmt: skip
_SAME = (
    exp.Paren | exp.Alias | exp.Min | exp.Max | exp.AnyValue | exp.ArgMax | exp.ArgMin | exp.Abs
    | exp.Neg | exp.Nullif | exp.Window | exp.FirstValue | exp.LastValue | exp.Lag
    | exp.Lead
)  # fmt: skip
_ABSENT = Kind("absent")


class Scopes:
    """The types of the expressions of one statement, each found when a rule asks for it.

    Args:
        columns: looks up a table.

    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._known: dict[int, Kind | None] = {}
        self._held: list[exp.Expr] = []  # so that no new expression gets the id of a known one

    def of(self, node: exp.Expr | None) -> Kind | None:
        """Answer the type of an expression."""
        if node is None:
            return NULL
        if id(node) not in self._known:
            self.note(node, None)  # for an expression that refers to itself
            self.note(node, self._find(node))
        return self._known[id(node)]

    def note(self, node: exp.Expr, kind: Kind | None) -> None:
        """Keep the type of an expression."""
        self._known[id(node)] = kind
        self._held.append(node)

    def _find(self, node: exp.Expr) -> Kind | None:
        for types, kind_of in _KINDS:
            if isinstance(node, types):
                return kind_of(self, node)
        for types, kind in BY_NODE:
            if isinstance(node, types):
                return kind
        return None

    def only(self, query: exp.Expr) -> Kind | None:
        """The type of a scalar subquery."""
        is_one = isinstance(query, exp.Select) and len(query.expressions) == 1
        return self.of(query.expressions[0]) if is_one else None

    def rounded(self, node: exp.Round) -> Kind | None:
        """The type of a rounded number."""
        kind, places = self.of(node.this), node.args.get("decimals")
        if kind is None or kind.family != "fixed":
            return kind
        if places is None:
            return Kind("fixed", kind.digits, 0)
        if isinstance(places, exp.Literal) and places.name.isdigit():
            return Kind("fixed", kind.digits, min(kind.decimals, int(places.name)))
        return kind

    def percentile(self, node: exp.WithinGroup) -> Kind | None:
        """The type of a percentile, which follows from the type of its ORDER BY."""
        ordered = node.expression.expressions[0] if node.expression.expressions else None
        kind = self.of(ordered.this) if isinstance(ordered, exp.Ordered) else None
        if isinstance(node.this, exp.PercentileCont) and kind and kind.family == "fixed":
            return Kind("fixed", 38, kind.decimals + 3)
        return kind

    def column(self, column: exp.Column) -> Kind | None:
        """The type of a column, found in the queries around the column, from the inside out."""
        at: exp.Expr = column
        while at.parent is not None:
            at = at.parent
            if isinstance(at, exp.Select | exp.Update | exp.Merge | exp.Delete):
                found = self._among(at, column)
                if found != _ABSENT:
                    return found
        return None

    def _among(self, query: exp.Expr, column: exp.Column) -> Kind | None:
        name, table = stored(column.this), stored(column.args.get("table"))
        found: Kind | None = _ABSENT
        for source in sources(query):
            if table and table != _alias(source):
                continue
            kind = self._of_source(source, name)
            if kind != _ABSENT:
                found = kind
                if kind is not None:
                    return kind
        if found == _ABSENT and not table and isinstance(query, exp.Select):
            for one in query.expressions:
                if isinstance(one, exp.Alias) and stored(one.args["alias"]) == name:
                    return self.of(one.this)
        return found

    def _of_source(self, source: exp.Expr, name: str) -> Kind | None:
        if isinstance(source, exp.Lateral | exp.TableFromRows):
            return _FLATTENED.get(name, _ABSENT) if isinstance(source.this, exp.Explode) else None
        if isinstance(source, exp.Subquery):
            return self._of_query(source.this, _columns_of(source), name)
        if not isinstance(source, exp.Table) or not isinstance(source.this, exp.Identifier):
            return None
        shared = _shared(source)
        if shared is not None:
            return self._of_query(shared.this, _columns_of(shared), name)
        known = self._columns(written(source))
        if not known:
            return None
        return of_name(known[name]) if name in known else _ABSENT

    def _of_query(self, query: exp.Expr, names: list[str], name: str) -> Kind | None:
        while isinstance(query, exp.Subquery):
            query = query.this
        if isinstance(query, exp.SetOperation):
            names = names or _names_of(query)
            arms = [self._of_query(arm, names, name) for arm in (query.this, query.expression)]
            return _ABSENT if _ABSENT in arms else folded(arms)
        if not isinstance(query, exp.Select):
            return None
        for index, one in enumerate(query.expressions):
            if isinstance(one, exp.Star) or (
                isinstance(one, exp.Column) and isinstance(one.this, exp.Star)
            ):
                within = stored(one.args.get("table")) if isinstance(one, exp.Column) else ""
                kinds = [
                    self._of_source(source, name)
                    for source in sources(query)
                    if not within or within == _alias(source)
                ]
                present = [kind for kind in kinds if kind != _ABSENT]
                if present:
                    return present[0]
                continue
            own = names[index] if index < len(names) else _name_of(one)
            if own == name:
                return self.of(one)
        return _ABSENT


def branches(case: exp.Case) -> list[exp.Expr]:
    """The branches of a CASE."""
    default = case.args.get("default")
    return [one.args["true"] for one in case.args["ifs"]] + ([default] if default else [])


def aggregated(node: exp.Expr, kind: Kind | None) -> Kind | None:
    """The type of a sum, an average or a median of a type."""
    if kind is None:
        return None
    if kind.family != "fixed":
        return REAL if kind.family in ("real", "variant", "text") else None
    if isinstance(node, exp.Sum):
        return Kind("fixed", 38, kind.decimals)
    added = kind.decimals + 3 if isinstance(node, exp.Median) else quotient_decimals(kind.decimals)
    return Kind("fixed", 38, added)


def sources(query: exp.Expr) -> Iterator[exp.Expr]:
    """The sources of a query: tables, subqueries and laterals."""
    if isinstance(query, exp.Update | exp.Delete | exp.Merge) and query.this is not None:
        yield query.this
    using = query.args.get("using")
    for one in using if isinstance(using, list) else [using]:
        if isinstance(one, exp.Expr):
            yield one
    from_ = query.args.get("from_")
    if isinstance(from_, exp.From):
        yield from_.this
        yield from _joined(from_.this)
    yield from _joined(query)
    yield from query.args.get("laterals") or []


def _joined(node: exp.Expr) -> Iterator[exp.Expr]:
    for join in node.args.get("joins") or []:
        yield join.this
        yield from _joined(join.this)


def _alias(source: exp.Expr) -> str:
    alias = source.args.get("alias")
    if isinstance(alias, exp.TableAlias) and alias.this is not None:
        return stored(alias.this)
    return stored(source.this) if isinstance(source, exp.Table) else ""


def _columns_of(source: exp.Expr) -> list[str]:
    alias = source.args.get("alias")
    return [stored(one) for one in alias.columns] if isinstance(alias, exp.TableAlias) else []


def _names_of(query: exp.Expr) -> list[str]:
    """The names of the columns of a set operation: those of its first query."""
    while isinstance(query, exp.SetOperation | exp.Subquery):
        query = query.this
    found = query.expressions if isinstance(query, exp.Select) else []
    return [] if any(one.is_star for one in found) else [_name_of(one) for one in found]


def _name_of(one: exp.Expr) -> str:
    if isinstance(one, exp.Alias):
        return stored(one.args["alias"])
    return stored(one.this) if isinstance(one, exp.Column) else ""


def _shared(table: exp.Table) -> exp.CTE | None:
    """The common table expression that a name means."""
    if table.args.get("db"):
        return None
    at: exp.Expr | None = table
    while at is not None:
        with_ = at.args.get("with_")
        for one in with_.expressions if isinstance(with_, exp.With) else []:
            if isinstance(one, exp.CTE) and stored(one.args["alias"].this) == stored(table.this):
                return one
        at = at.parent
    return None


def _whole(scopes: Scopes, node: exp.Expr) -> Kind | None:
    kind = scopes.of(node.this)
    return FIXED if kind is not None and kind.family == "fixed" else kind


def _part(scopes: Scopes, node: exp.Expr) -> Kind | None:
    return VARIANT if scopes.of(node.this) == VARIANT else None


# The first query that fits.
_KINDS: tuple[tuple[Any, Callable[[Scopes, Any], Kind | None]], ...] = (
    (exp.Literal, lambda _, node: of_literal(node)),
    (exp.Null, lambda _, __: NULL),
    (exp.Cast, lambda _, node: of_type(node.to)),
    (exp.Column, lambda scopes, node: scopes.column(node)),
    (exp.Bracket, _part),
    (exp.WithinGroup, lambda scopes, node: scopes.percentile(node)),
    (exp.Distinct, lambda scopes, node: scopes.of(node.expressions[0])),
    (_SAME, lambda scopes, node: scopes.of(node.this)),
    (
        (exp.Coalesce, exp.Greatest, exp.Least),
        lambda scopes, node: folded([scopes.of(one) for one in (node.this, *node.expressions)]),
    ),
    (
        (exp.If, exp.Nvl2),
        lambda scopes, node: folded([scopes.of(node.args.get(key)) for key in ("true", "false")]),
    ),
    (exp.Case, lambda scopes, node: folded([scopes.of(one) for one in branches(node)])),
    (
        (exp.Sum, exp.Avg, exp.Median),
        lambda scopes, node: aggregated(node, scopes.of(node.this)),
    ),
    (
        (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod),
        lambda scopes, node: calculated(node, scopes.of(node.this), scopes.of(node.expression)),
    ),
    (exp.Round, lambda scopes, node: scopes.rounded(node)),
    ((exp.Ceil, exp.Floor), _whole),
    (exp.Subquery, lambda scopes, node: scopes.only(node.this)),
)
