"""Reads the names of a statement before the engine does, exactly, and refuses as Snowflake does.

The engine finds names in any case, and has words of its own for a missing name. A statement is read
once; that its names fit is remembered until a table changes.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from local_snowflake.compilation.relations import Columns, Relations
from local_snowflake.compilation.scopes import Scope, Source, find
from local_snowflake.sql.names import parts, stored
from local_snowflake.sql.sql_types import type_of

_FLATTENED: Columns = {
    "SEQ": "NUMBER(38,0)", "KEY": None, "PATH": None, "INDEX": "NUMBER(38,0)", "VALUE": "VARIANT",
    "THIS": "VARIANT",
}  # fmt: skip
_UNNAMED = "\0"
_NOT_UNDERSTOOD = ("pivots", "match_recognize", "sample", "when", "changes", "version")


class Reader:
    """Reads one statement.

    Args:
        relations: the tables and views of the session.
        text: the statement, for the places that messages name.

    """

    def __init__(self, relations: Relations, text: str) -> None:
        self._relations = relations
        self.text = text

    def query(
        self,
        query: exp.Expr,
        outer: Scope | None = None,
        ctes: dict[str, Columns | None] | None = None,
    ) -> Columns | None:
        """Read a query; answers its columns, or None where not all columns are known.

        Args:
            query: the query.
            outer: the scope around the query.
            ctes: what a WITH around the query has named.

        Raises:
            ProgrammingError: for a name that is not there.

        """
        named = dict(ctes or {})
        recursive = bool(query.args.get("with_") and query.args["with_"].args.get("recursive"))
        for cte in query.args["with_"].expressions if query.args.get("with_") else []:
            name = stored(cte.args["alias"].this)
            if recursive:
                named[name] = None
            found = self.query(cte.this, outer, named)
            named[name] = None if recursive else _renamed(found, cte.args["alias"])
        if isinstance(query, exp.SetOperation):
            first = self.query(query.left, outer, named)
            self.query(query.right, outer, named)
            return first
        if isinstance(query, exp.Subquery):
            return self.query(query.this, outer, named)
        if isinstance(query, exp.Select):
            return self._select(query, outer, named)
        if isinstance(query, exp.Values):
            self.expressions(query.expressions, Scope(outer=outer), named)
        return None

    def _select(
        self, select: exp.Select, outer: Scope | None, ctes: dict[str, Columns | None]
    ) -> Columns | None:
        scope = Scope(outer=outer)
        items = [select.args["from_"].this] if select.args.get("from_") else []
        joins = select.args.get("joins") or []
        laterals = select.args.get("laterals") or []
        for item in [*items, *(join.this for join in joins), *laterals]:
            self.add(scope, item, ctes)
        for join in joins:
            scope.merged |= {stored(name) for name in join.args.get("using") or []}
            if str(join.args.get("method") or "").upper() == "NATURAL":
                scope.certain = False
        outputs: Columns | None = {}
        for item in select.expressions:
            self.expressions([item], scope, ctes)
            outputs = self._with_output(outputs, item, scope)
        rest = [part for key, part in select.args.items() if key not in ("expressions", "with_")]
        self.expressions(_flat(rest), scope, ctes)
        return outputs

    def add(self, scope: Scope, item: exp.Expr, ctes: dict[str, Columns | None]) -> None:
        """Add an item of a FROM to a scope."""
        alias = item.args.get("alias")
        name = stored(alias.this) if isinstance(alias, exp.TableAlias) and alias.this else ""
        path: tuple[str, ...] = (name,)
        columns: Columns | None = None
        if isinstance(item, exp.Table) and isinstance(item.this, exp.Identifier):
            path, columns = self._table(item, name, ctes)
        elif isinstance(item, exp.Subquery):
            # A derived table sees the scope around the query, not the other items of the FROM.
            columns = self.query(item.this, scope.outer, ctes)
            if item.args.get("joins"):
                scope.certain = False
        elif isinstance(item, exp.Lateral | exp.TableFromRows):
            flattened = isinstance(item.this, exp.Explode)
            columns = dict(_FLATTENED) if flattened else None
            # For FLATTEN the parser lists the columns itself.
            alias = None if flattened else alias
            inner = item.this
            if isinstance(inner, exp.Subquery):
                columns = self.query(inner, scope, ctes)
            else:
                self.expressions([inner], scope, ctes)
        if any(item.args.get(part) for part in _NOT_UNDERSTOOD):
            columns = None
        if isinstance(alias, exp.TableAlias):
            columns = _renamed(columns, alias)
        if any(name.startswith(_UNNAMED) for name in columns or ()):
            columns = None
        scope.sources.append(Source(path, columns))

    def _table(
        self, table: exp.Table, alias: str, ctes: dict[str, Columns | None]
    ) -> tuple[tuple[str, ...], Columns | None]:
        given = [stored(part) for part in parts(table)]
        if len(given) == 1 and given[0] in ctes:
            return (alias or given[0],), ctes[given[0]]
        path = self._relations.path(table)
        if len(path) == 3 and path[1] == "INFORMATION_SCHEMA":
            return (alias,) if alias else path, None
        columns = self._relations.columns(table)
        if columns is None:
            raise self._relations.missing(table, "Object")
        return (alias,) if alias else path, columns

    def expressions(
        self, found: Iterable[exp.Expr], scope: Scope, ctes: dict[str, Columns | None]
    ) -> None:
        """Read the parts of a statement that are not tables."""
        for node in found:
            if isinstance(node, exp.Column):
                find(node, scope, self.text)
            elif isinstance(node, exp.Query):
                self.query(node, scope, ctes)
            elif isinstance(node, exp.Lambda):
                named = {stored(one): None for one in node.expressions}
                self.expressions([node.this], Scope(outer=scope, aliases=dict(named)), ctes)
            elif not isinstance(node, exp.From | exp.Join | exp.Lateral):
                self.expressions(node.iter_expressions(), scope, ctes)
            elif isinstance(node, exp.Join) and node.args.get("on") is not None:
                self.expressions([node.args["on"]], scope, ctes)

    def type_of(self, value: exp.Expr, scope: Scope) -> str | None:
        """The type of an expression that has been read."""
        return type_of(value, lambda column: find(column, scope, self.text))

    def _with_output(self, outputs: Columns | None, item: exp.Expr, scope: Scope) -> Columns | None:
        if outputs is None:
            return None
        star = item if isinstance(item, exp.Star) else item.this if _is_star(item) else None
        if star is not None:
            return _starred(outputs, star, item, scope)
        name = stored(item.args["alias"]) if isinstance(item, exp.Alias) else ""
        inner = item.unalias()
        plainly = inner.unnest()
        if not name and isinstance(plainly, exp.Column):
            name = stored(plainly.this)
        # A column without a name is known by its place.
        name = name or f"{_UNNAMED}{len(outputs)}"
        kind = None if isinstance(inner, exp.Query) else self.type_of(inner, scope)
        scope.aliases.setdefault(name, kind)
        return {**outputs, name: kind}


def _is_star(item: exp.Expr) -> bool:
    return isinstance(item, exp.Column) and isinstance(item.this, exp.Star)


def _starred(outputs: Columns, star: exp.Expr, item: exp.Expr, scope: Scope) -> Columns | None:
    if any(star.args.get(part) for part in ("ilike", "rename", "replace")):
        return None
    path = tuple(stored(part) for part in item.parts[:-1]) if isinstance(item, exp.Column) else ()
    left_out = {stored(one.this) for one in star.args.get("except_") or []}
    found = dict(outputs)
    for source in scope.sources:
        if path and source.path[-len(path) :] != path:
            continue
        if source.columns is None:
            return None
        found |= {name: kind for name, kind in source.columns.items() if name not in left_out}
    return found if scope.certain else None


def _renamed(columns: Columns | None, alias: exp.TableAlias) -> Columns | None:
    names = [stored(one) for one in alias.args.get("columns") or []]
    if not names:
        return columns
    kinds = [*(columns or {}).values()]
    return {name: kinds[at] if at < len(kinds) else None for at, name in enumerate(names)}


def _flat(found: Iterable[object]) -> list[exp.Expr]:
    flat: list[exp.Expr] = []
    for one in found:
        if isinstance(one, exp.Expr):
            flat.append(one)
        elif isinstance(one, list):
            flat += [inner for inner in one if isinstance(inner, exp.Expr)]
    return flat
