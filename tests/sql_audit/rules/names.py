"""Rules for names: fully qualified, and quoted where they are lower-case."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from local_snowflake.sql.names import NAME
from tests.sql_audit.statement import Sent
from tests.sql_audit.tables import columns, ours

_OBJECT = re.compile(
    r"(?:call|(?:describe|desc|drop|alter|show grants on)"
    r" (?:procedure|table|view|network rule|secret)"
    rf"(?: if exists)?) ({NAME})",
    re.IGNORECASE,
)
_IN_SCHEMA = re.compile(rf"show .* in schema ({NAME})", re.IGNORECASE)
_OPERATED = re.compile(
    rf"(?:drop|describe|desc|alter|show grants on) procedure (?:if exists )?{NAME}", re.IGNORECASE
)
# Kinds of objects that lie in no schema.
_OUTSIDE_SCHEMAS = ("DATABASE", "SCHEMA", "ROLE", "WAREHOUSE", "INTEGRATION")
_SCOPES = exp.Select | exp.Update | exp.Delete | exp.Merge


def unqualified_name(statement: Sent) -> Iterator[str]:
    """Each name has three parts.

    A procedure runs in its own schema, dbt in another (docs/snowflake_facts.md#owners-rights).
    """
    for pattern, parts in ((_OBJECT, 3), (_IN_SCHEMA, 2)):
        found = pattern.match(statement.bare)
        if found and not found[1].lower().startswith("system$"):
            count = len(re.findall(r'"(?:[^"]|"")+"|[\w$]+', found[1]))
            if count < parts:
                yield f"{found[1]} is not fully qualified"
    tree = statement.tree
    if tree is None or isinstance(tree, exp.Describe | exp.Show | exp.Use | exp.Drop | exp.Grant):
        return
    if isinstance(tree, exp.Create | exp.Alter) and tree.args.get("kind") in _OUTSIDE_SCHEMAS:
        return
    names = {cte.alias.upper() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        plain = isinstance(table.this, exp.Identifier)
        if plain and not table.args.get("db") and table.name.upper() in names:
            continue
        if plain and not table.args.get("catalog"):
            yield f"{table.sql(dialect='snowflake')} is not fully qualified"


def unquoted_column(statement: Sent) -> Iterator[str]:
    """A lower-case column is named in quotes.

    An unquoted name means the upper-case name (docs/snowflake_facts.md#identifiers).
    """
    tree = statement.tree
    if tree is None:
        return
    yield from _declared(tree)
    for column in tree.find_all(exp.Column):
        table = _table_of(column)
        if table is None or not isinstance(column.this, exp.Identifier):
            continue
        yield from _check(column.this, table)


def _declared(tree: exp.Expr) -> Iterator[str]:
    """Check names that sqlglot does not parse as columns: in CREATE, ALTER and INSERT's list."""
    table = ours(tree.this)
    if table is None:
        return
    if isinstance(tree, exp.Create | exp.Alter):
        for definition in tree.find_all(exp.ColumnDef):
            yield from _check(definition.this, table)
    elif isinstance(tree, exp.Insert) and isinstance(tree.this, exp.Schema):
        for name in tree.this.expressions:
            yield from _check(name, table)


def _check(name: exp.Expr, table: str) -> Iterator[str]:
    if not isinstance(name, exp.Identifier):
        return
    known = columns(table)
    if not name.quoted and name.name.lower() in known:
        yield f'{name.name} of {table} stands without quotes, which means "{name.name.upper()}"'
    elif name.quoted and name.name not in known:
        yield f'{table} has no column "{name.name}"'


def _table_of(column: exp.Column) -> str | None:
    """The table of this project that a column belongs to; None for another table, or if unclear."""
    node: exp.Expr | None = column
    while node is not None and (node := node.parent):
        # The UPDATE of a MERGE names no table of its own.
        if not isinstance(node, _SCOPES) or (node.this is None and isinstance(node, exp.Update)):
            continue
        sources = _sources(node)
        if column.table:
            if column.table.upper() in sources:
                return sources[column.table.upper()]
        elif _assigned(column, node):
            return next(iter(sources.values()))
        elif _aliased(column, node) or len(sources) != 1:
            return None
        else:
            return next(iter(sources.values()))
    return None


def _sources(scope: exp.Expr) -> dict[str, str | None]:
    """The tables of a statement or subquery by alias; the target of a write comes first."""
    found: list[exp.Expr] = []
    if not isinstance(scope, exp.Select):
        found.append(scope.this)
    for key in ("from_", "using"):
        part = scope.args.get(key)
        if isinstance(part, exp.Expr):
            found.append(part.this if isinstance(part, exp.From) else part)
    found += [join.this for join in scope.args.get("joins") or []]
    found += scope.args.get("laterals") or []
    return {item.alias_or_name.upper(): ours(item) for item in found}


def _assigned(column: exp.Column, scope: exp.Expr) -> bool:
    """Whether SET or the INSERT of a MERGE writes to a column."""
    parent = column.parent
    if isinstance(parent, exp.EQ) and parent.this is column:
        return isinstance(parent.parent, exp.Update)
    return (
        isinstance(scope, exp.Merge)
        and isinstance(parent, exp.Tuple)
        and isinstance(parent.parent, exp.Insert)
        and parent.parent.this is parent
    )


def _aliased(column: exp.Column, scope: exp.Expr) -> bool:
    return isinstance(scope, exp.Select) and column.name.upper() in {
        item.alias.upper() for item in scope.expressions if isinstance(item, exp.Alias)
    }


def procedure_without_types(statement: Sent) -> Iterator[str]:
    """A procedure is named with its argument types.

    Procedures are overloaded (docs/snowflake_facts.md#overloads-and-replacement).
    """
    found = _OPERATED.match(statement.bare)
    if found and not statement.bare[found.end() :].lstrip().startswith("("):
        yield "the procedure is named without its argument types"


NAME_RULES = (unqualified_name, unquoted_column, procedure_without_types)
