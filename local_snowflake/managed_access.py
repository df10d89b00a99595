"""Schemas with managed access: only who owns the schema grants on what is in it (facts, 00)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local_snowflake.errors import missing
from local_snowflake.listing import has_schema
from local_snowflake.names import NAME, scoped
from local_snowflake.results import Result, text_result
from local_snowflake.roles import owns, refused

if TYPE_CHECKING:
    from local_snowflake.session import Session

CREATE = (
    rf"(?P<head>CREATE\s+(?:TRANSIENT\s+)?SCHEMA\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>{NAME}))"
    r"\s+WITH\s+MANAGED\s+ACCESS\b(?P<rest>.*)"
)
ALTER = (
    rf"ALTER\s+SCHEMA\s+(?P<quiet>IF\s+EXISTS\s+)?(?P<name>{NAME})\s+"
    r"(?P<verb>ENABLE|DISABLE)\s+MANAGED\s+ACCESS\s*\Z"
)
_IN_SCHEMAS = ("TABLE", "PROCEDURE", "SECRET")


def create(session: Session, match: re.Match[str], text: str) -> Result:  # noqa: ARG001
    """CREATE SCHEMA ... WITH MANAGED ACCESS; one that is there stays as it is."""
    place = scoped(match["name"], session.database)
    there = has_schema(session.engine, *place.split("."))
    made = session._execute(match["head"] + match["rest"], None)
    if not there:
        _set(session, place, managed=True)
    return made


def alter(session: Session, match: re.Match[str], text: str) -> Result:  # noqa: ARG001
    """ALTER SCHEMA ... ENABLE or DISABLE MANAGED ACCESS, by the schema's owner."""
    place = scoped(match["name"], session.database)
    if not has_schema(session.engine, *place.split(".")):
        if not match["quiet"]:
            raise missing("Schema", place)
    elif not owns(session.catalog, session.role, "SCHEMA", place):
        raise refused(f"schema '{place.split('.')[1]}'")
    else:
        _set(session, place, managed=match["verb"].upper() == "ENABLE")
    return text_result(["status"], [["Statement executed successfully."]])


def may_grant(session: Session, kind: str, name: str) -> bool:
    """Whether the role may grant on an object: its owner, or in such a schema the schema's."""
    place = ".".join(name.split(".")[:2])
    if kind in _IN_SCHEMAS and place in session.catalog.managed:
        return owns(session.catalog, session.role, "SCHEMA", place)
    return owns(session.catalog, session.role, kind, name)


def _set(session: Session, place: str, *, managed: bool) -> None:
    kept = [one for one in session.catalog.managed if one != place]
    with session.catalog.changed():
        session.catalog.managed = [*kept, place] if managed else kept
