"""Keeps the owner of a new object, its grants, and what else the engine does not keep."""

from __future__ import annotations

from sqlglot import exp

from local_snowflake.access.full_names import full_name, place
from local_snowflake.catalog.catalog import Made
from local_snowflake.catalog.rights import forget_grants, grant_the_future
from local_snowflake.compilation.reader import Reader
from local_snowflake.compilation.relations import Relations
from local_snowflake.engine.objects import has_database, has_schema, table_is_there
from local_snowflake.sessions.session import Session
from local_snowflake.sql.names import stored


def note_ddl(
    session: Session, expression: exp.Expression, existed: str | None, *, text: str
) -> None:
    """Keep the owner of a new object, with the future grants; forget a dropped object.

    Args:
        session: who sent the statement.
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
                catalog.note(expression.kind, place(session, expression.this), session.role)
    elif isinstance(expression, exp.Drop) and expression.kind in ("TABLE", "VIEW"):
        with catalog.changed():
            for table in expression.args["tables"]:
                _forget(session, "TABLE", full_name(session, table))
    elif isinstance(expression, exp.Drop) and expression.kind in ("SCHEMA", "DATABASE"):
        with catalog.changed():
            for table in expression.args["tables"]:
                catalog.forget_place(place(session, table))
    elif isinstance(expression, exp.Alter):
        renamed = expression.find(exp.AlterRename)
        if renamed:
            _rename(session, full_name(session, expression.this), renamed)


def _keep_more(session: Session, expression: exp.Create, made: Made, text: str) -> None:
    """Keep of a new table or view what the engine does not keep."""
    made.transient = expression.find(exp.TransientProperty) is not None
    if expression.kind != "VIEW":
        return
    made.text = text
    found = Reader(Relations(session), text).query(expression.expression)
    if found is not None:
        schema = expression.this
        given = schema.expressions if isinstance(schema, exp.Schema) else []
        names = [stored(one.this if isinstance(one, exp.ColumnDef) else one) for one in given]
        made.types = dict(zip(names or found, found.values(), strict=False))


def existing(session: Session, expression: exp.Expression) -> str | None:
    """The kind of the object that has the name of a CREATE already; None where there is none."""
    if not isinstance(expression, exp.Create):
        return None
    if expression.kind in ("TABLE", "VIEW"):
        return table_is_there(session.engine, full_name(session, expression.find(exp.Table)))
    if expression.kind not in ("SCHEMA", "DATABASE"):
        return None
    database, _, schema = place(session, expression.this).partition(".")
    there = (
        has_schema(session.engine, database, schema)
        if schema
        else has_database(session.engine, database)
    )
    return expression.kind if there else None


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
