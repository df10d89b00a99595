"""The project's four tables, as the macros declare them."""

from __future__ import annotations

import re
from functools import cache

from sqlglot import exp

from tests.repository import ROOT

STATE = "policy_execution_state"
EVENTS = "policy_execution_events"
RUNS = "policy_execution_runs"
BREAKERS = "policy_api_breakers"
_COLUMN = re.compile(r"{'name': '(\w+)', 'type': '(\w+)'")
_DECLARED = {
    STATE: "_state_table_columns",
    EVENTS: "_events_table_columns",
    RUNS: "_runs_table_columns",
    BREAKERS: "_breakers_table_columns",
}


@cache
def columns(table: str) -> dict[str, str]:
    """The columns of one of the tables, with their types."""
    text = (ROOT / "macros" / "objects" / "_tables.sql").read_text(encoding="utf-8")
    macro = text.partition(f"macro {_DECLARED[table]}(")[2].partition("endmacro")[0]
    return dict(_COLUMN.findall(macro))


def of_type(table: str, prefix: str) -> set[str]:
    """The columns of a table whose type begins with a text."""
    return {name for name, kind in columns(table).items() if kind.startswith(prefix)}


def ours(node: exp.Expr | None) -> str | None:
    """The project's table that a node names, or None."""
    if isinstance(node, exp.Schema):
        node = node.this
    if isinstance(node, exp.Table) and node.name.lower() in _DECLARED:
        return node.name.lower()
    return None


def touched(tree: exp.Expr) -> set[str]:
    """The project's tables that a statement reads or writes."""
    return {name for table in tree.find_all(exp.Table) if (name := ours(table))}


def written(tree: exp.Expr | None) -> str | None:
    """The project's table whose rows a statement writes, or None."""
    if isinstance(tree, exp.Insert | exp.Update | exp.Delete | exp.Merge):
        return ours(tree.this)
    if isinstance(tree, exp.TruncateTable):
        return next((name for table in tree.expressions if (name := ours(table))), None)
    return None
