"""MERGE as one statement of DuckDB, so that it is atomic and may stand in a transaction.

fakesnow makes several statements of a MERGE, with a table in another database. DuckDB does not
allow two databases in one transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from fakesnow.cursor import FakeSnowflakeCursor
from sqlglot import exp

from local_snowflake.values.results import Result, column

MERGE_TYPE_ID = 0x3000 + 0x400
_COUNTED = {"INSERT": "inserted", "UPDATE": "updated", "DELETE": "deleted"}


def run_merge(
    cursor: FakeSnowflakeCursor,
    expression: exp.Merge,
    translated: exp.Expression | None,
    params: Sequence[Any] | None,
) -> Result:
    """Run a MERGE; answers a count for each kind of clause that it has, as Snowflake does.

    Args:
        cursor: whose session it is.
        expression: the parsed statement.
        translated: the statement in DuckDB's words, where its translation is kept.
        params: the values bound to `?`.

    """
    kinds = [_kind(when) for when in expression.find_all(exp.When)]
    bound = list(params) if params else None
    words = translated or cursor._transform(expression.copy(), bound)
    statement = words.sql(dialect="duckdb")
    found = cursor._duck_conn.execute(f"{statement} returning merge_action", bound).fetchall()
    counts = Counter(str(row[0]).upper() for row in found)
    wanted = [kind for kind in _COUNTED if kind in kinds]
    return Result(
        [column(f"number of rows {_COUNTED[kind]}", "fixed") for kind in wanted],
        [[str(counts[kind]) for kind in wanted]],
        MERGE_TYPE_ID,
    )


def take_one_match(merge: exp.Merge) -> None:
    """Let each target row match one source row, where more matches would change nothing.

    A row that is only deleted may match many times; the engine refuses many matches always.

    Args:
        merge: as it was parsed; changed in place.

    """
    whens = merge.args["whens"].expressions
    matched = [when for when in whens if when.args["matched"]]
    if not matched or any(_kind(when) != "DELETE" for when in matched):
        return
    target, source = merge.this, merge.args["using"]
    name, row = source.alias_or_name, exp.column("rowid", table=target.alias_or_name)
    conditions = [when.args["condition"] for when in matched if when.args.get("condition")]
    first = exp.Ordered(this=exp.or_(*conditions), desc=True) if conditions else None
    number = exp.Window(
        this=exp.RowNumber(),
        partition_by=[row.copy()],
        order=exp.Order(expressions=[first]) if first is not None else None,
    )
    one = (
        exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier(name)), row.as_("local_row"))
        .from_(source.copy())
        .join(target.copy(), on=merge.args["on"].copy(), join_type="left")
    )
    one.set("qualify", exp.Qualify(this=exp.or_(row.is_(exp.Null()), number.eq(1))))
    merge.set("using", one.subquery(name))
    merge.set("on", row.eq(exp.column("local_row", table=name)))


def _kind(when: exp.When) -> str:
    then = when.args["then"]
    return {exp.Insert: "INSERT", exp.Update: "UPDATE"}.get(type(then), "DELETE")
