"""The clock: the database's, and in the state table always as CURRENT_TIMESTAMP() without zone."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tests.sql_audit.statement import Sent
from tests.sql_audit.tables import EVENTS, STATE, of_type, touched, written

_COMPARED = exp.EQ | exp.NEQ | exp.LT | exp.LTE | exp.GT | exp.GTE


def other_clock(statement: Sent) -> Iterator[str]:
    """SYSDATE() is UTC, the seed's defaults and queries are CURRENT_TIMESTAMP() (facts, 9.3)."""
    tree = statement.tree
    if tree is None or not touched(tree):
        return
    for node in tree.find_all(exp.CurrentTimestamp, exp.Anonymous):
        if node.args.get("sysdate") or node.name.upper() in {"SYSTIMESTAMP", "SYSDATE"}:
            yield "SYSDATE() is another clock than the rows of the table have"
    if STATE in touched(tree) and tree.find(exp.ConvertTimezone):
        yield "CONVERT_TIMEZONE in a statement on the state table"


def zone_of_time(statement: Sent) -> Iterator[str]:
    """CURRENT_TIMESTAMP() has a zone: into or against a column without one it is cast, at the
    place where one reads it; against "event_time", an instant, it is not (facts, 9.3).
    """  # noqa: D205
    tree = statement.tree
    if tree is None or not touched(tree) or isinstance(tree, exp.Create):
        return
    plain, instants = of_type(STATE, "timestamp_ntz"), of_type(EVENTS, "timestamp_ltz")
    for node in tree.find_all(exp.CurrentTimestamp):
        top: exp.Expr = node
        while isinstance(top.parent, exp.DateAdd | exp.Paren) and top.parent.this is top:
            top = top.parent
        cast = isinstance(top.parent, exp.Cast) and top.parent.to.is_type("timestampntz")
        used = top.parent if cast and top.parent else top
        partner = _partner(used)
        if written(tree) == STATE and not cast:
            yield "CURRENT_TIMESTAMP() meets the state table without a cast to TIMESTAMP_NTZ"
        elif partner in plain and not cast:
            yield f'"{partner}" has no zone and is compared with a time that has one'
        elif partner in instants and cast:
            yield f'"{partner}" is an instant and is compared with a time without zone'


def _partner(node: exp.Expr) -> str | None:
    """The column that a time is compared with."""
    parent = node.parent
    if not isinstance(parent, _COMPARED):
        return None
    other = parent.expression if parent.this is node else parent.this
    return other.name if isinstance(other, exp.Column) and other.this.quoted else None


def precise_default(statement: Sent) -> Iterator[str]:
    """NTZ(3) DEFAULT CURRENT_TIMESTAMP() is refused, and so is any DEFAULT behind ADD COLUMN IF
    NOT EXISTS (facts, 9.3).
    """  # noqa: D205
    if not isinstance(statement.tree, exp.Create | exp.Alter):
        return
    for definition in statement.tree.find_all(exp.ColumnDef):
        default = definition.find(exp.DefaultColumnConstraint)
        kind = definition.args.get("kind")
        if default and isinstance(statement.tree, exp.Alter):
            yield f"ADD COLUMN {definition.name} has a DEFAULT"
        elif default and kind and kind.expressions and default.find(exp.CurrentTimestamp):
            yield f"{definition.name} has a precision and DEFAULT CURRENT_TIMESTAMP()"


TIME_RULES = (other_clock, zone_of_time, precise_default)
