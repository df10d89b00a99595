"""Schemas with managed access: only the owner of the schema grants on the objects in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from local_snowflake.catalog.rights import owns, refused
from local_snowflake.engine.objects import has_schema
from local_snowflake.sessions.session import Session
from local_snowflake.sql.errors import missing
from local_snowflake.sql.names import NAME, scoped
from local_snowflake.values.results import Result, text_result

_CREATE = re.compile(
    rf"(?P<head>CREATE\s+(?:TRANSIENT\s+)?SCHEMA\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>{NAME}))"
    r"\s+WITH\s+MANAGED\s+ACCESS\b(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
ALTER = (
    rf"ALTER\s+SCHEMA\s+(?P<quiet>IF\s+EXISTS\s+)?(?P<name>{NAME})\s+"
    r"(?P<verb>ENABLE|DISABLE)\s+MANAGED\s+ACCESS\s*\Z"
)
_IN_SCHEMAS = ("TABLE", "PROCEDURE", "SECRET")


class ManagedSchema(NamedTuple):
    """CREATE SCHEMA ... WITH MANAGED ACCESS."""

    name: str
    plain: str  # the statement without these words


def read_create(text: str) -> ManagedSchema | None:
    """Read the statement; None for any other."""
    match = _CREATE.match(text)
    return ManagedSchema(match["name"], match["head"] + match["rest"]) if match else None


def create(session: Session, managed: ManagedSchema, run: Callable[[], Result]) -> Result:
    """Make the schema with `run`; a schema that is there already stays as it is."""
    place = scoped(managed.name, session.database)
    there = has_schema(session.engine, *place.split("."))
    made = run()
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
    """Whether the role may grant on an object: as its owner, or as owner of its managed schema."""
    place = ".".join(name.split(".")[:2])
    if kind in _IN_SCHEMAS and place in session.catalog.managed:
        return owns(session.catalog, session.role, "SCHEMA", place)
    return owns(session.catalog, session.role, kind, name)


def _set(session: Session, place: str, *, managed: bool) -> None:
    kept = [one for one in session.catalog.managed if one != place]
    with session.catalog.changed():
        session.catalog.managed = [*kept, place] if managed else kept
