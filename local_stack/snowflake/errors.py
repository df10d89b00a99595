"""Snowflake's error classes, with the numbers and texts that clients see."""

from __future__ import annotations

from snowflake.connector.errors import ProgrammingError


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
