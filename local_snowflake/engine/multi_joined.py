"""Counts the rows of an UPDATE that join several rows of its FROM, as the engine does not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import duckdb
from sqlglot import exp

# A longer text takes longer to read than its rows take to count.
_SHORT = 20_000


class MultiJoined(NamedTuple):
    """The query that counts the rows, before the UPDATE changes them."""

    sql: str
    bound_before: int  # how many values are bound in SET, which the query leaves out
    rows_of: (
        int | None
    )  # the position of the bound JSON text, where it alone has all rows of the FROM


def multi_joined(statement: exp.Expression) -> MultiJoined | None:
    """Answer the query that counts; None for every statement but an UPDATE with a FROM.

    Args:
        statement: in the engine's words.

    """
    if not isinstance(statement, exp.Update) or not statement.args.get("from_"):
        return None
    row = exp.column("rowid", table=statement.this.alias_or_name)
    query = exp.select("1").from_(statement.this.copy())
    query.append("joins", exp.Join(this=statement.args["from_"].this.copy()))
    if statement.args.get("where"):
        query.set("where", statement.args["where"].copy())
    query = query.group_by(row).having(exp.Count(this=exp.Star()) > 1)
    before = sum(len(list(pair.find_all(exp.Placeholder))) for pair in statement.expressions)
    rows_of = before if _is_one_text(statement.args["from_"].this) else None
    sql = exp.select("count(*)").from_(query.subquery("m")).sql("duckdb")
    return MultiJoined(sql, before, rows_of)


def _is_one_text(source: exp.Expr) -> bool:
    """Whether a FROM is a subquery of the items of one bound text, with that text first."""
    select = source.this if isinstance(source, exp.Subquery) else None
    if not isinstance(select, exp.Select) or select.args.get("joins"):
        return False
    table = select.args["from_"].this if select.args.get("from_") else None
    function = table.this if isinstance(table, exp.Table) else None
    own = list(function.find_all(exp.Placeholder)) if isinstance(function, exp.Func) else []
    return len(own) == 1 and all(item.find(exp.Placeholder) is None for item in select.expressions)


def count(
    engine: duckdb.DuckDBPyConnection, found: MultiJoined, params: Sequence[Any] | None
) -> int:
    """Count the rows, before the UPDATE itself runs.

    Args:
        engine: where the UPDATE will run.
        found: the query that counts.
        params: the values bound to the UPDATE.

    """
    if found.rows_of is not None and params and _is_short(params[found.rows_of]):
        return 0
    values = list(params)[found.bound_before :] if params else None
    row: Any = engine.execute(found.sql, values).fetchone()
    return int(row[0])


def _is_short(text: Any) -> bool:
    """Whether a text is JSON with one item at most, which cannot join anything twice."""
    if not isinstance(text, str) or len(text) > _SHORT:
        return False
    try:
        return len(json.loads(text)) <= 1
    except (TypeError, ValueError):
        return False
