"""Whether a role may send a statement, before the engine sees the statement."""

from __future__ import annotations

from sqlglot import exp

from local_snowflake.access.full_names import full_name, place
from local_snowflake.catalog.rights import (
    may,
    may_enter,
    may_see,
    owns,
    refused,
)
from local_snowflake.engine.objects import table_is_there
from local_snowflake.sessions.session import Session
from local_snowflake.sql.errors import compilation_error, missing, sql_error
from local_snowflake.sql.names import parts

# Views of the information schema that every role may read; the rows are those it may see.
OPEN_VIEWS = frozenset({"COLUMNS", "DATABASES", "PROCEDURES", "SCHEMATA", "TABLES", "VIEWS"})
_READS = exp.Query | exp.Literal | exp.ParseJSON
_WRITES = exp.Insert | exp.Update | exp.Delete | exp.Merge | exp.TruncateTable | exp.Alter
_FREE = exp.Transaction | exp.Commit | exp.Rollback


def check_expression(session: Session, expression: exp.Expression) -> None:
    """Refuse a statement that the session's role may not send.

    Raises:
        ProgrammingError: 'does not exist' without any right on the object; 'insufficient
            privileges' with a right on the object, but not the needed right.

    """
    if session.is_admin or isinstance(expression, _FREE):
        return
    if isinstance(expression, exp.Create):
        _check_create(session, expression)
    elif isinstance(expression, exp.Drop):
        for table in expression.args["tables"]:
            _check_owner(
                session, str(expression.kind), table, quiet=bool(expression.args["exists"])
            )
    elif isinstance(expression, _WRITES):
        _check_write(session, expression)
    elif isinstance(expression, exp.Comment):
        _check_comment(session, expression)
    elif isinstance(expression, exp.Describe):
        _check_reads(session, expression)
    elif isinstance(expression, _READS):
        if _check_reads(session, expression):
            check_warehouse(session)
    elif not isinstance(expression, exp.Use):
        raise refused(f"{expression.key} by role '{session.role}'")
    elif not _may_use_place(session, expression):
        message = "Object does not exist, or operation cannot be performed."
        raise compilation_error(message, 2043, "02000")


def check_warehouse(session: Session) -> None:
    """Refuse a statement that needs a warehouse and has none; admin roles need none here.

    Raises:
        ProgrammingError: where there is no warehouse, or none that the role may use.

    """
    if not session.is_admin and session.warehouse is None:
        message = (
            "No active warehouse selected in the current session.  Select an active warehouse "
            "with the 'use warehouse' command."
        )
        raise sql_error(message, 606, "57P03")


def _check_comment(session: Session, expression: exp.Comment) -> None:
    kind, named = str(expression.args["kind"]).upper(), expression.this
    if kind == "COLUMN":
        parts_of_table = reversed(named.parts[:-1])
        places = zip(("this", "db", "catalog"), parts_of_table, strict=False)
        named, kind = exp.Table(**{key: part.copy() for key, part in places}), "TABLE"
    _check_owner(session, kind, named)


def _check_write(session: Session, expression: exp.Expression) -> None:
    target = expression.find(exp.Table)
    if target is None:
        raise refused(f"{expression.key} by role '{session.role}'")
    _check_owner(session, "TABLE", target)
    if isinstance(expression, exp.Alter):
        for renamed in expression.find_all(exp.AlterRename):
            _check_creates(session, "TABLE", full_name(session, renamed.this))
        return
    _check_reads(session, expression, but=target)
    check_warehouse(session)


def _check_create(session: Session, expression: exp.Create) -> None:
    kind, catalog, role = str(expression.kind), session.catalog, session.role
    if kind == "SCHEMA":
        database = place(session, expression.this).split(".")[0]
        if not may_enter(catalog, role, database):
            raise missing("Database", database)
        if not may(catalog, role, "DATABASE", database, "CREATE SCHEMA"):
            raise refused(f"database '{database}'")
        return
    if kind not in ("TABLE", "VIEW", "PROCEDURE"):
        raise refused(f"create {kind.lower()} by role '{role}'")
    name = full_name(session, expression.find(exp.Table))
    _check_creates(session, kind, name)
    if kind == "PROCEDURE":
        check_warehouse(session)
        return
    replaced = expression.args.get("replace") and table_is_there(session.engine, name)
    if replaced and not owns(catalog, role, "TABLE", name):
        raise refused(f"{kind.lower()} '{name.split('.', 2)[2]}'")
    query = expression.expression
    if query is not None:
        _check_reads(session, query)
        if kind == "TABLE":
            check_warehouse(session)


def _check_creates(session: Session, kind: str, name: str) -> None:
    """Refuse without USAGE on the schema and its database, or without CREATE there."""
    database, schema = name.split(".")[:2]
    if not may_enter(session.catalog, session.role, database, schema):
        raise missing("Schema", f"{database}.{schema}")
    if not may(session.catalog, session.role, "SCHEMA", f"{database}.{schema}", f"CREATE {kind}"):
        raise refused(f"schema '{schema}'")


def _check_owner(
    session: Session, kind: str, table: exp.Expression, *, quiet: bool = False
) -> None:
    if kind == "SCHEMA":
        database, schema = place(session, table).split(".")
        name = f"{database}.{schema}"
        if not owns(session.catalog, session.role, "SCHEMA", name):
            if may_enter(session.catalog, session.role, database, schema):
                raise refused(f"schema '{schema}'")
            if not quiet:
                raise missing("Schema", name)
        return
    if kind not in ("TABLE", "VIEW"):
        raise refused(f"drop of a {kind.lower()} by role '{session.role}'")
    name = full_name(session, table)
    there = table_is_there(session.engine, name)
    if there and may_see(session.catalog, session.role, "TABLE", name, "SELECT"):
        if not owns(session.catalog, session.role, "TABLE", name):
            raise refused(f"{kind.lower()} '{name.split('.', 2)[2]}'")
    elif not quiet:
        raise missing("Object", name)


def _check_reads(
    session: Session, expression: exp.Expression, but: exp.Expression | None = None
) -> bool:
    """Refuse to read what is not granted; answers whether anything is read."""
    inner = {cte.alias_or_name.upper() for cte in expression.find_all(exp.CTE)}
    reads = False
    for table in expression.find_all(exp.Table):
        if table is but or not table.name or (not table.db and table.name.upper() in inner):
            continue
        reads = True
        name = full_name(session, table)
        database, in_schema, short = name.split(".", 2)
        if in_schema == "INFORMATION_SCHEMA" and short in OPEN_VIEWS:
            if not may_enter(session.catalog, session.role, database):
                raise missing("Database", database)
        elif not may_see(session.catalog, session.role, "TABLE", name, "SELECT"):
            raise missing("Object", name)
    return reads


def _may_use_place(session: Session, expression: exp.Use) -> bool:
    named = [part.name.upper() for part in parts(expression.this)]
    kind = str(expression.args.get("kind") or "").upper()
    if kind == "SCHEMA" and len(named) == 1:
        named = [str(session.database), *named]
    return may_enter(session.catalog, session.role, *named[:2])
