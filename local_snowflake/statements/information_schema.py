"""The information schema: PROCEDURES, which the engine lacks, and what a role may see of it."""

from __future__ import annotations

import contextlib
import datetime
import functools
import importlib.metadata
import json
import re
from collections.abc import Iterator
from typing import Any

import pyarrow
from sqlglot import exp

from local_snowflake.catalog.catalog import Catalog, Procedure
from local_snowflake.catalog.rights import inherited, may_use, owns, readable
from local_snowflake.engine.connection import Engine, EngineError
from local_snowflake.engine.objects import has_database
from local_snowflake.sql.errors import missing, unsupported
from local_snowflake.values.timestamps import DECLARED

_SCHEMA = "INFORMATION_SCHEMA"
# The rows of these views of the engine are filtered by the grants of the role.
_OF_TABLES = frozenset({"COLUMNS", "TABLES", "VIEWS"})
_NAMES = ("TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME")
_TEXT, _NUMBER = pyarrow.string(), pyarrow.int64()
_TIME = pyarrow.timestamp("us", tz="UTC")
_COLUMNS = {
    "PROCEDURE_CATALOG": _TEXT,
    "PROCEDURE_SCHEMA": _TEXT,
    "PROCEDURE_NAME": _TEXT,
    "PROCEDURE_OWNER": _TEXT,
    "ARGUMENT_SIGNATURE": _TEXT,
    "DATA_TYPE": _TEXT,
    "CHARACTER_MAXIMUM_LENGTH": _NUMBER,
    "CHARACTER_OCTET_LENGTH": _NUMBER,
    "NUMERIC_PRECISION": _NUMBER,
    "NUMERIC_PRECISION_RADIX": _NUMBER,
    "NUMERIC_SCALE": _NUMBER,
    "PROCEDURE_LANGUAGE": _TEXT,
    "PROCEDURE_DEFINITION": _TEXT,
    "CREATED": _TIME,
    "LAST_ALTERED": _TIME,
    "COMMENT": _TEXT,
    "EXTERNAL_ACCESS_INTEGRATIONS": _TEXT,
    "SECRETS": _TEXT,
    "RUNTIME_VERSION": _TEXT,
    "PACKAGES": _TEXT,
    "INSTALLED_PACKAGES": _TEXT,
    "ARTIFACT_REPOSITORY": _TEXT,
    "OWNER_ROLE_TYPE": _TEXT,
}


@contextlib.contextmanager
def resolved(
    expression: exp.Expression,
    engine: Engine,
    catalog: Catalog,
    role: str,
    database: str | None,
    *,
    owners_only: bool = False,
    hidden_definition: str | None = None,
) -> Iterator[exp.Expression]:
    """Replace the views of the information schema by what this role sees of them.

    Args:
        expression: the statement; not changed.
        engine: runs the statement while the context is open.
        catalog: where the procedures and the grants are.
        role: the role that looks.
        database: the current database.
        owners_only: show a procedure only to its owner.
        hidden_definition: what other roles see for the definition of a procedure.

    Yields:
        The statement to run.

    Raises:
        ProgrammingError: for a missing database, and in a view, which would keep the rows of today.

    """
    views: list[str] = []
    sources: dict[int, exp.Expression] = {}
    for place, table in enumerate(expression.find_all(exp.Table)):
        view, where = _stored(table.this), _stored(table.args.get("catalog")) or database
        if _stored(table.args.get("db")) != _SCHEMA or not where:
            continue
        if view == "PROCEDURES":
            if isinstance(expression, exp.Create) and expression.kind == "VIEW":
                raise unsupported("INFORMATION_SCHEMA.PROCEDURES in a view")
            if not has_database(engine, where):
                raise missing("Database", where)
            views.append(f"LOCAL_PROCEDURES_{len(views)}")
            engine.register(
                views[-1],
                _procedures(catalog, role, where, hidden_definition, owners_only=owners_only),
            )
            source: exp.Expression = exp.table_(views[-1], db="MAIN", catalog="TEMP")
        elif view in _OF_TABLES:
            rows = _declared(table) if view == "COLUMNS" else _owned(table, view, catalog)
            if role not in catalog.admin_roles:
                rows = exp.select("*").from_(rows.subquery("o")).where(_granted(catalog, role))
            source = rows.subquery()
        else:
            continue
        alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(view))
        source.set("alias", alias.copy())
        sources[place] = source
    if sources:
        expression = expression.copy()
        tables = list(expression.find_all(exp.Table))
        for place, source in sources.items():
            tables[place].replace(source)
    try:
        yield expression
    finally:
        with contextlib.suppress(EngineError):  # the engine refuses after an error in a transaction
            for name in views:
                engine.unregister(name)


def _stored(part: Any) -> str:
    if not isinstance(part, exp.Identifier):
        return ""
    return part.name if part.quoted else part.name.upper()


def _unnamed(table: exp.Table) -> exp.Table:
    found = table.copy()
    found.set("alias", None)
    return found


def _declared(table: exp.Table) -> exp.Select:
    """The columns, with types and defaults as they were declared."""
    changed = {}
    for name in ("DATA_TYPE", "COLUMN_DEFAULT"):
        text: exp.Expr = exp.column(name)
        for engines, declared in DECLARED:
            words = exp.Literal.string(engines), exp.Literal.string(declared)
            text = exp.func("REPLACE", text, *words)
        changed[name] = text
    return _changed(changed).from_(_unnamed(table))


def _owned(table: exp.Table, view: str, catalog: Catalog) -> exp.Select:
    """The tables or the views, each with its owner, which the engine does not know."""
    full = exp.func("concat_ws", exp.Literal.string("."), *map(exp.column, _NAMES))
    of_others: dict[str, list[str]] = {}
    for key, made in catalog.made.items():
        if key.startswith("TABLE ") and made.owner != catalog.default_owner:
            of_others.setdefault(made.owner, []).append(key.removeprefix("TABLE "))
    owner: exp.Expr = exp.Literal.string(catalog.default_owner)
    if of_others:
        owner = exp.Case(default=owner)
        for role, names in of_others.items():
            owner = owner.when(full.copy().isin(*names), exp.Literal.string(role))
    rows = _with_views(table) if view == "TABLES" else exp.select("*").from_(_unnamed(table))
    changed: dict[str, exp.Expr] = {"TABLE_OWNER": owner}
    changed |= _kept(catalog, full, {"COMMENT": "comment"})
    if view == "VIEWS":
        changed |= _kept(catalog, full, {"VIEW_DEFINITION": "text"})
    else:
        changed |= _kept(catalog, full, {"IS_TRANSIENT": "transient"})
    return _changed(changed).from_(rows.subquery("t"))


def _kept(catalog: Catalog, full: exp.Expr, columns: dict[str, str]) -> dict[str, exp.Expr]:
    """What the catalog knows of tables and views, in the place of what the engine shows."""
    changed: dict[str, exp.Expr] = {}
    for column, kept in columns.items():
        case = exp.Case(default=exp.column(column))
        for key, made in list(catalog.made.items()):
            value = getattr(made, kept)
            if key.startswith("TABLE ") and value:
                known = exp.Literal.string("YES" if value is True else str(value))
                case = case.when(full.copy().eq(key.removeprefix("TABLE ")), known)
        if case.args.get("ifs"):
            changed[column] = case
    return changed


def _changed(columns: dict[str, exp.Expr]) -> exp.Select:
    star = exp.Star(replace=[exp.alias_(value, name) for name, value in columns.items()])
    return exp.select(star)


def _with_views(table: exp.Table) -> exp.Query:
    """TABLES together with the views, which the engine leaves out."""
    tables = _unnamed(table)
    views = tables.copy()
    views.set("this", exp.to_identifier("VIEWS"))
    names = exp.select(*_NAMES, "TABLE_OWNER", "CREATED", "LAST_ALTERED", "COMMENT")
    constants = {"TABLE_TYPE": "VIEW", "IS_TRANSIENT": "NO", "IS_DYNAMIC": "NO"}
    for name, value in constants.items():
        names = names.select(exp.alias_(exp.Literal.string(value), name))
    both = exp.union(exp.select("*").from_(tables), names.from_(views), distinct=False)
    both.set("by_name", True)
    return both


def _granted(catalog: Catalog, role: str) -> exp.Expression:
    """The condition that a row is about a table or a view that the role may SELECT from."""
    names = readable(catalog, role)
    full = exp.func("concat_ws", exp.Literal.string("."), *map(exp.column, _NAMES))
    return full.isin(*names) if names else exp.false()


def _procedures(
    catalog: Catalog, role: str, database: str, hidden: str | None, *, owners_only: bool
) -> pyarrow.Table:
    roles = inherited(catalog, role)
    found = [
        _row(
            procedure,
            procedure.body if owns(catalog, role, "PROCEDURE", procedure.key) else hidden,
        )
        for procedure in list(catalog.procedures.values())
        if procedure.schema.split(".")[0] == database
        and may_use(catalog, role, procedure)
        and (procedure.owner in roles or not owners_only)
    ]
    schema = pyarrow.schema(list(_COLUMNS.items()))
    return pyarrow.Table.from_pylist(found, schema=schema)


def _row(procedure: Procedure, definition: str | None) -> dict[str, Any]:
    database, schema = procedure.schema.split(".")
    text, number = procedure.returns == "VARCHAR", procedure.returns == "NUMBER"
    created = datetime.datetime.fromisoformat(procedure.created_on)
    packages = [re.split(r"[=<>]", package)[0] for package in procedure.packages]
    return {
        "PROCEDURE_CATALOG": database,
        "PROCEDURE_SCHEMA": schema,
        "PROCEDURE_NAME": procedure.short_name,
        "PROCEDURE_OWNER": procedure.owner,
        "ARGUMENT_SIGNATURE": procedure.signature,
        "DATA_TYPE": procedure.returns,
        "CHARACTER_MAXIMUM_LENGTH": 16777216 if text else None,
        "CHARACTER_OCTET_LENGTH": 16777216 if text else None,
        "NUMERIC_PRECISION": 38 if number else None,
        "NUMERIC_PRECISION_RADIX": 10 if number else None,
        "NUMERIC_SCALE": 0 if number else None,
        "PROCEDURE_LANGUAGE": "PYTHON",
        "PROCEDURE_DEFINITION": definition,
        "CREATED": created,
        "LAST_ALTERED": created,
        "COMMENT": procedure.comment,
        "EXTERNAL_ACCESS_INTEGRATIONS": _list(procedure.integrations),
        "SECRETS": json.dumps(procedure.secrets) if procedure.secrets else None,
        "RUNTIME_VERSION": procedure.runtime_version,
        "PACKAGES": _list([f"'{package}'" for package in procedure.packages], ","),
        "INSTALLED_PACKAGES": _list([f"'{name}=={_version(name)}'" for name in packages], ","),
        "ARTIFACT_REPOSITORY": procedure.artifact_repository,
        "OWNER_ROLE_TYPE": "ROLE",
    }


@functools.cache
def _version(package: str) -> str:
    return importlib.metadata.version(package)


def _list(items: list[str], between: str = ", ") -> str | None:
    return f"[{between.join(items)}]" if items else None
