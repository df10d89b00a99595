"""Rules for types: which values Snowflake takes into a column."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tests.sql_audit.statement import Sent
from tests.sql_audit.tables import columns, written

_SEMI_STRUCTURED = (
    exp.ParseJSON,
    exp.Struct,
    exp.Array,
    exp.ToVariant,
    exp.JSONExtract,
    exp.JSONObject,
    exp.Bracket,
)
_WORDS = ("JSON", "VARIANT", "OBJECT_", "ARRAY_")


def semi_structured_in_values(statement: Sent) -> Iterator[str]:
    """VALUES holds no semi-structured expression.

    INSERT ... VALUES takes no PARSE_JSON and the like (docs/snowflake_facts.md#insert).
    """
    if not isinstance(statement.tree, exp.Insert | exp.Merge):
        return
    for values in statement.tree.find_all(exp.Values, exp.Insert):
        clause = values if isinstance(values, exp.Values) else values.expression
        if not isinstance(clause, exp.Values | exp.Tuple):
            continue
        for node in clause.find_all(*_SEMI_STRUCTURED, exp.Anonymous):
            known = not isinstance(node, exp.Anonymous)
            if known or any(word in node.name.upper() for word in _WORDS):
                yield f"{node.sql(dialect='snowflake')[:80]} stands in VALUES"


def wrong_type(statement: Sent) -> Iterator[str]:
    """A written value has the type of its column, by an explicit cast.

    Snowflake refuses text for a VARIANT at compile time, and casts a VARIANT for another type row
    by row (docs/snowflake_facts.md#insert).
    """
    table = written(statement.tree)
    if table is None or statement.tree is None:
        return
    known = columns(table)
    for column, value, source in assignments(statement.tree):
        variant = known.get(column) == "variant"
        for leaf in _leaves(value, source):
            kind = _kind(leaf)
            if variant and kind == "text":
                yield f'text goes into the VARIANT column "{column}"'
            elif not variant and kind == "variant" and column in known:
                yield f'a VARIANT goes into "{column}" ({known[column]}) without a cast'


Assignment = tuple[str, exp.Expr, exp.Select | None]


def assignments(tree: exp.Expr) -> Iterator[Assignment]:
    """The assignments of a write: column, value, and the subquery of the value's columns."""
    if isinstance(tree, exp.Insert) and isinstance(tree.this, exp.Schema):
        names = [name.name for name in tree.this.expressions]
        source = tree.expression
        rows = source.expressions if isinstance(source, exp.Values) else [source]
        for row in rows:
            for name, value in zip(names, row.expressions, strict=False):
                yield name, value, None
    elif isinstance(tree, exp.Update):
        source = tree.args.get("from_")
        yield from _pairs(tree, _select(source.this if source else None))
    elif isinstance(tree, exp.Merge):
        source = _select(tree.args.get("using"))
        for when in tree.find_all(exp.When):
            then = when.args.get("then")
            if isinstance(then, exp.Update):
                yield from _pairs(then, source)
            elif isinstance(then, exp.Insert) and isinstance(then.this, exp.Tuple):
                values = then.expression.expressions if then.expression else []
                for name, value in zip(then.this.expressions, values, strict=False):
                    yield name.name, value, source


def _pairs(update: exp.Update, source: exp.Select | None) -> Iterator[Assignment]:
    for pair in update.expressions:
        if isinstance(pair, exp.EQ) and isinstance(pair.this, exp.Column):
            yield pair.this.name, pair.expression, source


def _select(node: exp.Expr | None) -> exp.Select | None:
    inner = node.this if isinstance(node, exp.Subquery) else node
    return inner if isinstance(inner, exp.Select) else None


def _leaves(value: exp.Expr, source: exp.Select | None) -> Iterator[exp.Expr]:
    """The expressions whose value may be written; a column of the subquery leads to its own."""
    value = value.unalias()
    if isinstance(value, exp.Paren):
        yield from _leaves(value.this, source)
    elif isinstance(value, exp.Coalesce):
        for part in (value.this, *value.expressions):
            yield from _leaves(part, source)
    elif isinstance(value, exp.Case):
        for part in (*(branch.args["true"] for branch in value.args["ifs"]), value.args["default"]):
            if part:
                yield from _leaves(part, source)
    elif isinstance(value, exp.Column) and source is not None and not value.this.quoted:
        for projected in source.expressions:
            if projected.alias_or_name.upper() == value.name.upper():
                yield from _leaves(projected, None)
    else:
        yield value


def _kind(leaf: exp.Expr) -> str:
    if isinstance(leaf, exp.Literal):
        return "text" if leaf.is_string else "number"
    if isinstance(leaf, exp.Cast):
        return "text" if leaf.to.is_type(*exp.DataType.TEXT_TYPES) else "cast"
    if isinstance(leaf, exp.Placeholder):
        return "text"
    semi = isinstance(leaf, exp.JSONExtract | exp.ParseJSON | exp.Bracket)
    flattened = isinstance(leaf, exp.Column) and leaf.name.upper() == "VALUE"
    return "variant" if semi or flattened else "other"


TYPE_RULES = (semi_structured_in_values, wrong_type)
