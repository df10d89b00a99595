"""Whether a role may send a statement, before the engine sees it, and who owns what it made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local_snowflake.catalog import Made
from local_snowflake.compilation import Reader
from local_snowflake.errors import compilation_error, missing, sql_error
from local_snowflake.listing import has_database, has_schema
from local_snowflake.names import parts, qualified, stored, written
from local_snowflake.roles import (
    OWNERS,
    forget_grants,
    grant_the_future,
    may,
    may_enter,
    may_see,
    owns,
    refused,
    table_is_there,
)

if TYPE_CHECKING:
    from local_snowflake.session import Session

# Views of the information schema that answer every role, each with what it may see.
OPEN_VIEWS = frozenset({"COLUMNS", "DATABASES", "PROCEDURES", "SCHEMATA", "TABLES", "VIEWS"})
_READS = exp.Query | exp.Literal | exp.ParseJSON
_WRITES = exp.Insert | exp.Update | exp.Delete | exp.Merge | exp.TruncateTable | exp.Alter
_FREE = exp.Transaction | exp.Commit | exp.Rollback


def check_expression(session: Session, expression: exp.Expression) -> None:
    """Refuse a statement that the session's role may not send.

    Raises:
        ProgrammingError: what is not granted does not exist for it; with a right on an object,
            but not the one that is needed, its privileges are insufficient.

    """
    if session.role in OWNERS or isinstance(expression, _FREE):
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
    """Refuse what computes without a warehouse; owners do without one here.

    Raises:
        ProgrammingError: as Snowflake does where there is none, or none that the role may use.

    """
    if session.role not in OWNERS and session.warehouse is None:
        message = (
            "No active warehouse selected in the current session.  Select an active warehouse "
            "with the 'use warehouse' command."
        )
        raise sql_error(message, 606, "57P03")


def note_ddl(
    session: Session, expression: exp.Expression, existed: str | None, *, text: str
) -> None:
    """Keep whose a new object is, with the future grants on it; forget one that is gone.

    Args:
        session: who made it.
        expression: the statement, which has run.
        existed: whether the object was there before.
        text: the statement as it was sent.

    """
    catalog = session.catalog
    if isinstance(expression, exp.Create) and expression.kind in ("TABLE", "VIEW"):
        name = full_name(session, expression.find(exp.Table))
        if existed and not expression.args.get("replace"):
            return
        copied = expression.find(exp.CopyGrantsProperty) is not None
        with catalog.changed():
            if not copied:
                forget_grants(catalog, "TABLE", name)
            if not (copied and existed):
                grant_the_future(catalog, expression.kind, "TABLE", name)
            catalog.note("TABLE", name, session.role)
            _keep_more(session, expression, catalog.made[f"TABLE {name}"], text)
    elif isinstance(expression, exp.Create) and expression.kind in ("SCHEMA", "DATABASE"):
        if existed is None:
            with catalog.changed():
                catalog.note(expression.kind, _place(session, expression.this), session.role)
    elif isinstance(expression, exp.Drop) and expression.kind in ("TABLE", "VIEW"):
        with catalog.changed():
            for table in expression.args["tables"]:
                _forget(session, "TABLE", full_name(session, table))
    elif isinstance(expression, exp.Drop) and expression.kind in ("SCHEMA", "DATABASE"):
        with catalog.changed():
            for table in expression.args["tables"]:
                catalog.forget_place(_place(session, table))
    elif isinstance(expression, exp.Alter):
        renamed = expression.find(exp.AlterRename)
        if renamed:
            _rename(session, full_name(session, expression.this), renamed)


def _keep_more(session: Session, expression: exp.Create, made: Made, text: str) -> None:
    """Keep of a new table or view what the engine does not."""
    made.transient = expression.find(exp.TransientProperty) is not None
    if expression.kind != "VIEW":
        return
    made.text = text
    found = Reader(session.relations, text).query(expression.expression)
    if found is not None:
        schema = expression.this
        given = schema.expressions if isinstance(schema, exp.Schema) else []
        names = [stored(one.this if isinstance(one, exp.ColumnDef) else one) for one in given]
        made.types = dict(zip(names or found, found.values(), strict=False))


def existing(session: Session, expression: exp.Expression) -> str | None:
    """What is there of the name that a CREATE makes: its kind, or None."""
    if not isinstance(expression, exp.Create):
        return None
    if expression.kind in ("TABLE", "VIEW"):
        return table_is_there(session.engine, full_name(session, expression.find(exp.Table)))
    if expression.kind not in ("SCHEMA", "DATABASE"):
        return None
    database, _, schema = _place(session, expression.this).partition(".")
    there = (
        has_schema(session.engine, database, schema)
        if schema
        else has_database(session.engine, database)
    )
    return expression.kind if there else None


def full_name(session: Session, table: exp.Expression | None) -> str:
    """DATABASE.SCHEMA.NAME of a table in a statement."""
    return qualified(written(table), session.database, session.schema)


def _place(session: Session, table: exp.Expression) -> str:
    """The database, or DATABASE.SCHEMA, that CREATE DATABASE or CREATE SCHEMA names."""
    given = [part.name if part.args.get("quoted") else part.name.upper() for part in parts(table)]
    one_of_schema = isinstance(table, exp.Table) and table.args.get("db") and len(given) == 1
    return ".".join([str(session.database), *given] if one_of_schema else given)


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
        database = _place(session, expression.this).split(".")[0]
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
        database, schema = _place(session, table).split(".")
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


def _forget(session: Session, kind: str, name: str) -> None:
    session.catalog.made.pop(f"{kind} {name}", None)
    forget_grants(session.catalog, kind, name)


def _rename(session: Session, name: str, renamed: exp.Expression) -> None:
    """A renamed table keeps its owner and its grants."""
    catalog, new = session.catalog, full_name(session, renamed.this)
    with catalog.changed():
        made = catalog.made.pop(f"TABLE {name}", None)
        if made:
            catalog.made[f"TABLE {new}"] = made
        for role, grants in catalog.grants.items():
            end = f" TABLE {name}"
            catalog.grants[role] = [
                grant.removesuffix(end) + f" TABLE {new}" if grant.endswith(end) else grant
                for grant in grants
            ]
