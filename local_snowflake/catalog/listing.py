"""What the SHOW statements have in common: LIKE, IN, STARTS WITH, LIMIT ... FROM."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from snowflake.connector.errors import ProgrammingError

from local_snowflake.engine.connection import Engine
from local_snowflake.engine.objects import has_database, has_schema
from local_snowflake.sql.errors import compilation_error, unsupported
from local_snowflake.sql.names import NAME, identifier, like_pattern, scoped

_TEXT = r"'(?:[^']|'')*'"
_TAIL = re.compile(
    rf"(?:\s+LIKE\s+(?P<like>{_TEXT}))?"
    r"(?:\s+IN\s+(?:(?P<account>ACCOUNT)"
    rf"|(?P<kind>DATABASE|SCHEMA)(?:\s+(?P<named>{NAME}))?|(?P<bare>{NAME})))?"
    rf"(?:\s+STARTS\s+WITH\s+(?P<starts>{_TEXT}))?"
    rf"(?:\s+LIMIT\s+(?P<limit>\d+)(?:\s+FROM\s+(?P<after>{_TEXT}))?)?\s*",
    re.IGNORECASE,
)
Found = TypeVar("Found")


@dataclass(frozen=True)
class Listing:
    """Which objects a SHOW lists; where a field is None, all."""

    database: str | None = None
    schema: str | None = None
    like: str | None = None
    starts_with: str | None = None
    limit: int | None = None
    after: str | None = None

    def pick(
        self,
        found: Iterable[Found],
        place: Callable[[Found], tuple[str, str, str]] | None = None,
    ) -> list[Found]:
        """Answer the objects that the SHOW lists, in the order of their names.

        Args:
            found: the objects that the role may see.
            place: answers the database, the schema and the name of an object; without this
                argument the objects are full names.

        """
        where = place or place_of
        return sorted((one for one in list(found) if self._takes(*where(one))), key=where)[
            : self.limit
        ]

    def _takes(self, database: str, schema: str, name: str) -> bool:
        return (
            self.database in (None, database) and self.schema in (None, schema) and self.names(name)
        )

    def names(self, name: str) -> bool:
        """Whether the SHOW lists an object of this name, whatever its schema."""
        return (
            (self.like is None or bool(like_pattern(self.like).fullmatch(name)))
            and name.startswith(self.starts_with or "")
            and (self.after is None or name > self.after)
        )


def place_of(full_name: Any) -> tuple[str, str, str]:
    """Database, schema and name; an object of the account has a name only."""
    *where, name = str(full_name).split(".")
    database, schema = where or ("", "")
    return database, schema, name


def read_listing(
    what: str,
    tail: str,
    database: str | None,
    schema: str | None,
    engine: Engine,
    enters: Callable[..., bool],
) -> Listing:
    """Read what follows the kind of objects in a SHOW.

    Without IN, the place is the current database, or the account where there is none.

    Args:
        what: the kind of objects, as PROCEDURES.
        tail: the text that follows the kind.
        database: the current database of the session.
        schema: the current schema of the session.
        engine: knows which databases and schemas there are.
        enters: answers whether the role may enter a database, and a schema in it.

    Raises:
        ProgrammingError: when the database or schema is not there, or the form is not known.

    """
    match = _TAIL.fullmatch(tail)
    placeless = what in ("DATABASES", "INTEGRATIONS")
    if not match or (placeless and (match["account"] or match["kind"] or match["bare"])):
        raise unsupported(f"this form of SHOW {what}")
    in_database, in_schema = None if placeless or match["account"] else database, None
    kind, name = (match["kind"] or "").upper(), match["named"] or match["bare"]
    if name and (kind == "DATABASE" or what == "SCHEMAS"):
        in_database = identifier(name)
        if not has_database(engine, in_database) or not enters(in_database):
            raise _missing(what, "Database", in_database)
    elif name:
        in_database, in_schema = scoped(name, database).split(".")
        if not has_schema(engine, in_database, in_schema) or not enters(in_database, in_schema):
            raise _missing(what, "Schema", f"{in_database}.{in_schema}")
    elif kind == "SCHEMA":
        in_schema = schema
    return Listing(
        in_database,
        in_schema,
        _text(match["like"]),
        _text(match["starts"]),
        int(match["limit"]) if match["limit"] else None,
        _text(match["after"]),
    )


def _text(literal: str | None) -> str | None:
    return literal[1:-1].replace("''", "'") if literal else None


def _missing(what: str, kind: str, name: str) -> ProgrammingError:
    """The error for a place that is not there; SHOW TABLES and its like do not name the schema."""
    if kind == "Schema" and what in ("TABLES", "VIEWS", "OBJECTS"):
        message = "Object does not exist, or operation cannot be performed."
        return compilation_error(message, 2043, "02000")
    message = f"{kind} '{name}' does not exist or not authorized."
    return compilation_error(message, 2043, "02000")
