"""The full names of what a statement names, in a session."""

from __future__ import annotations

from sqlglot import exp

from local_snowflake.sessions.session import Session
from local_snowflake.sql.names import parts, qualified, written


def full_name(session: Session, table: exp.Expression | None) -> str:
    """DATABASE.SCHEMA.NAME of a table in a statement."""
    return qualified(written(table), session.database, session.schema)


def place(session: Session, table: exp.Expression) -> str:
    """The database, or DATABASE.SCHEMA, that CREATE DATABASE or CREATE SCHEMA names."""
    given = [part.name if part.args.get("quoted") else part.name.upper() for part in parts(table)]
    one_of_schema = isinstance(table, exp.Table) and table.args.get("db") and len(given) == 1
    return ".".join([str(session.database), *given] if one_of_schema else given)
