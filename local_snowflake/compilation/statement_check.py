"""Refuses a statement whose names or types do not fit, in Snowflake's order and words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

from local_snowflake.compilation.reader import Reader
from local_snowflake.compilation.relations import Columns, Relations
from local_snowflake.compilation.scopes import Scope, Source, invalid_identifier, place
from local_snowflake.sql.errors import compilation_error
from local_snowflake.sql.names import parts, plain, stored
from local_snowflake.sql.sql_types import family, takes


def check(expression: exp.Expr, relations: Relations, text: str) -> None:
    """Refuse what does not compile.

    Args:
        expression: the parsed statement.
        relations: the tables and views of the session.
        text: what was parsed.

    Raises:
        ProgrammingError: in Snowflake's words.

    """
    reader = Reader(relations, text)
    if isinstance(expression, exp.Query):
        reader.query(expression)
    elif isinstance(expression, exp.Insert | exp.Update | exp.Delete | exp.Merge):
        _Writer(reader, relations).check(expression)
    elif isinstance(expression, exp.Create) and isinstance(expression.expression, exp.Query):
        reader.query(expression.expression)
    elif isinstance(expression, exp.Describe):
        _there(expression.this, relations, str(expression.args.get("kind") or "Table").capitalize())
    elif isinstance(expression, exp.Drop) and not expression.args.get("exists"):
        _check_dropped(expression, relations)
    elif isinstance(expression, exp.Alter) and not expression.args.get("exists"):
        _there(expression.this, relations, str(expression.kind).capitalize(), full=True)
    elif isinstance(expression, exp.Use):
        _check_used(expression, relations)
    elif isinstance(expression, exp.Comment) and not expression.args.get("exists"):
        _check_commented(expression, relations)
    elif isinstance(expression, exp.TruncateTable) and not expression.args.get("exists"):
        for table in expression.expressions:
            _there(table, relations, "Table", full=True)


def _there(
    table: exp.Expr | None, relations: Relations, kind: str, *, full: bool = False
) -> Columns:
    """The columns of a table; refuse a missing table."""
    if not isinstance(table, exp.Table) or not isinstance(table.this, exp.Identifier):
        return {}
    path = relations.path(table)
    if len(path) != 3 or path[1] == "INFORMATION_SCHEMA":
        return {}
    found = relations.columns(table)
    if found is None:
        raise relations.missing(table, kind, full=full)
    return found


def _check_dropped(expression: exp.Drop, relations: Relations) -> None:
    kind = str(expression.kind)
    for table in expression.args["tables"]:
        if kind in ("TABLE", "VIEW"):
            _there(table, relations, kind.capitalize(), full=True)
        elif kind in ("SCHEMA", "DATABASE"):
            relations.check_place(table, kind)


def _check_used(expression: exp.Use, relations: Relations) -> None:
    kind = str(expression.args.get("kind") or "").upper()
    if kind in ("SCHEMA", "DATABASE") and not relations.has_place(expression.this, kind):
        message = "Object does not exist, or operation cannot be performed."
        raise compilation_error(message, 2043, "02000")


def _check_commented(expression: exp.Comment, relations: Relations) -> None:
    kind = str(expression.args["kind"]).upper()
    if kind in ("TABLE", "VIEW"):
        _there(expression.this, relations, kind.capitalize(), full=True)
    elif kind == "COLUMN" and isinstance(expression.this, exp.Column):
        table = exp.Table(
            **dict(
                zip(("this", "db", "catalog"), reversed(expression.this.parts[:-1]), strict=False)
            )
        )
        _there(table.copy(), relations, "Table", full=True)
    elif kind in ("SCHEMA", "DATABASE"):
        relations.check_place(expression.this, kind)


class _Writer:
    """Reads a statement that writes rows."""

    def __init__(self, reader: Reader, relations: Relations) -> None:
        self._reader = reader
        self._relations = relations

    def check(self, statement: exp.Expr) -> None:
        table = statement.this.this if isinstance(statement.this, exp.Schema) else statement.this
        inserts = isinstance(statement, exp.Insert)
        columns = _there(table, self._relations, "Table" if inserts else "Object")
        alias = table.alias
        path = (stored(table.args["alias"].this),) if alias else self._relations.path(table)
        target = Source(path, columns)
        if isinstance(statement, exp.Insert):
            self._insert(statement, columns)
        elif isinstance(statement, exp.Merge):
            self._merge(statement, target)
        else:
            self._change(statement, target)

    def _insert(self, statement: exp.Insert, columns: Columns) -> None:
        named = statement.this.expressions if isinstance(statement.this, exp.Schema) else []
        kinds = self._targets(named, columns) if named else list(columns.items())
        source = statement.expression
        if isinstance(source, exp.Values):
            for row in source.expressions:
                if isinstance(row, exp.Tuple):
                    _check_count(len(kinds), len(row.expressions))
                    self._reader.expressions(row.expressions, Scope(), {})
                    self._check_values(kinds, row.expressions)
        elif isinstance(source, exp.Query):
            outputs = self._reader.query(source)
            if outputs is not None and len(outputs) == len(_items(source)):
                _check_count(len(kinds), len(outputs))
                _check_types(kinds, list(outputs.values()))
            else:
                self._check_values(kinds, _items(source))

    def _change(self, statement: exp.Expr, target: Source) -> None:
        """UPDATE or DELETE: the relations, then the targets of SET, then the other names."""
        scope = Scope([target])
        others = statement.args.get("using") or []
        if statement.args.get("from_"):
            item = statement.args["from_"].this
            others = [item, *(join.this for join in item.args.get("joins") or [])]
        for item in others:
            self._reader.add(scope, item, {})
        self._check_tables(statement)
        pairs = [pair for pair in statement.expressions if isinstance(pair, exp.EQ)]
        kinds = self._targets([pair.this for pair in pairs], target.columns or {})
        where = statement.args.get("where")
        self._reader.expressions([pair.expression for pair in pairs], scope, {})
        self._reader.expressions([where] if where else [], scope, {})
        values = [self._reader.type_of(pair.expression, scope) for pair in pairs]
        _check_types(kinds, values)

    def _check_tables(self, statement: exp.Expr) -> None:
        """Refuse a missing table before any missing column."""
        inner = {stored(cte.args["alias"].this) for cte in statement.find_all(exp.CTE)}
        for table in statement.find_all(exp.Table):
            given = parts(table)
            if len(given) != 1 or stored(given[0]) not in inner:
                _there(table, self._relations, "Object")

    def _merge(self, statement: exp.Merge, target: Source) -> None:
        both = Scope([target])
        self._reader.add(both, statement.args["using"], {})
        source = Scope(both.sources[1:])
        self._check_tables(statement)
        whens = list(statement.args["whens"].expressions)
        self._check_reachable(whens)
        inserts, updates = [], []
        for when in whens:
            then = when.args["then"]
            if isinstance(then, exp.Insert):
                inserts.append(self._inserted(then, target.columns or {}))
            elif isinstance(then, exp.Update):
                updates.append((then, self._targets(
                    [pair.this for pair in then.expressions], target.columns or {}, target.path
                )))  # fmt: skip
        for kinds, values in inserts:
            self._reader.expressions(values, source, {})
            _check_types(kinds, [self._reader.type_of(value, source) for value in values])
        for then, kinds in updates:
            values = [pair.expression for pair in then.expressions]
            self._reader.expressions(values, both, {})
            _check_types(kinds, [self._reader.type_of(value, both) for value in values])
        for matched in (True, False):
            for when in whens:
                condition = when.args.get("condition")
                if condition is not None and bool(when.args["matched"]) is matched:
                    self._reader.expressions([condition], both if matched else source, {})
        self._reader.expressions([statement.args["on"]], both, {})

    def _check_reachable(self, whens: Sequence[exp.Expr]) -> None:
        closed: set[bool] = set()
        for when in whens:
            matched = bool(when.args["matched"])
            if matched in closed:
                message = "Unreachable merge case."
                raise compilation_error(message, 2029, "42601", self._after(when))
            if when.args.get("condition") is None:
                closed.add(matched)

    def _after(self, when: exp.Expr) -> tuple[int, int] | None:
        first = next((one for one in when.find_all(exp.Identifier) if one.meta), None)
        return place(first, self._reader.text) if first is not None else None

    def _inserted(
        self, then: exp.Insert, columns: Columns
    ) -> tuple[list[tuple[str, str | None]], list[exp.Expr]]:
        named = then.this.expressions if then.this is not None else []
        values = list(then.expression.expressions) if then.expression is not None else []
        duplicates = [name for name, times in Counter(map(_bare, named)).items() if times > 1]
        if duplicates:
            raise _duplicate(duplicates[0])
        _check_count(len(named or columns), len(values))
        return (self._targets(named, columns) if named else list(columns.items())), values

    def _targets(
        self, named: Sequence[exp.Expr], columns: Columns, path: tuple[str, ...] = ()
    ) -> list[tuple[str, str | None]]:
        """The columns that a statement writes, each once, with their types."""
        text = self._reader.text
        for one in named:
            given = (
                tuple(stored(part) for part in one.parts[:-1])
                if isinstance(one, exp.Column)
                else ()
            )
            foreign = given and path and path[-len(given) :] != given
            if foreign or _bare(one) not in columns:
                raise invalid_identifier(one, text)
        names = [_bare(one) for one in named]
        again = [name for name, times in Counter(names).items() if times > 1]
        if again:
            raise _duplicate(again[0])
        return [(name, columns[name]) for name in names]

    def _check_values(
        self, kinds: list[tuple[str, str | None]], values: Sequence[exp.Expr]
    ) -> None:
        """Check the types of values that need no table."""
        unknown = Scope([Source(("",), None)])
        _check_types(kinds, [self._reader.type_of(one.unalias(), unknown) for one in values])


def _bare(one: exp.Expr) -> str:
    return stored(one.this if isinstance(one, exp.Column) else one)


def _items(query: exp.Expr) -> list[exp.Expr]:
    while isinstance(query, exp.Subquery | exp.SetOperation):
        query = query.this
    return list(query.expressions) if isinstance(query, exp.Select) else []


def _duplicate(name: str) -> ProgrammingError:
    return compilation_error(f"duplicate column name '{plain(name)}'", 2025, "42S21")


def _check_count(wanted: int, given: int) -> None:
    if wanted and wanted != given:
        message = f"Insert value list does not match column list expecting {wanted} but got {given}"
        raise compilation_error(message, 2020, "42601")


def _check_types(kinds: Sequence[tuple[str, str | None]], values: Sequence[str | None]) -> None:
    """Refuse types that would fit no row, also where there is no row."""
    for (column, kind), value in zip(kinds, values, strict=False):
        if kind is None or value is None or takes(kind, value):
            continue
        if family(kind).startswith("TIMESTAMP") and family(value) == "TIME":
            message = f"incompatible types: [{value}] and [{kind}]"
        else:
            message = (
                "Expression type does not match column data type, expecting "
                f"{kind} but got {value} for column {column}"
            )
        raise compilation_error(message, 2023, "22000")
