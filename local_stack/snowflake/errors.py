"""Snowflake's error classes, with the numbers and texts that clients see."""

from __future__ import annotations

import re

from snowflake.connector.errors import Error, ProgrammingError


def sql_error(message: str, errno: int, sqlstate: str) -> ProgrammingError:
    """Make the error that the real server answers with."""
    return ProgrammingError(msg=message, errno=errno, sqlstate=sqlstate)


def compilation_error(message: str, errno: int = 2003, sqlstate: str = "42S02") -> ProgrammingError:
    """Make an error of compilation; the default is 'does not exist or not authorized'."""
    return sql_error(f"SQL compilation error:\n{message}", errno, sqlstate)


def missing(kind: str, name: str) -> ProgrammingError:
    """Say that an object is not there, or not for this role: Snowflake does not tell which."""
    return compilation_error(f"{kind} '{name}' does not exist or not authorized.")


def unsupported(what: str) -> ProgrammingError:
    """Refuse loudly what the local Snowflake does not know."""
    return sql_error(f"Unsupported feature '{what}'.", 2, "0A000")


_NO_TABLE = re.compile(r"Table with name (\S+) does not exist")


def in_snowflakes_words(error: Error) -> Error:
    """Say a missing table or view as Snowflake does, instead of in DuckDB's words."""
    found = _NO_TABLE.search(error.msg or "")
    return missing("Object", found[1]) if found else error
