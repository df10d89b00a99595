"""Snowflake's errors, with the numbers and texts that clients see."""

from __future__ import annotations

from snowflake.connector.errors import ProgrammingError


def sql_error(message: str, errno: int, sqlstate: str) -> ProgrammingError:
    """Make the error that the real server answers with."""
    return ProgrammingError(msg=message, errno=errno, sqlstate=sqlstate)


def statement_timed_out(seconds: int) -> ProgrammingError:
    """Make the error of a statement that took longer than STATEMENT_TIMEOUT_IN_SECONDS."""
    return sql_error(
        "Statement reached its statement or warehouse timeout of "
        f"{seconds} second(s) and was canceled.",
        630,
        "57014",
    )


def compilation_error(
    message: str,
    errno: int = 2003,
    sqlstate: str = "42S02",
    place: tuple[int, int] | None = None,
) -> ProgrammingError:
    """Make an error of compilation; the default numbers are those of 'does not exist'.

    Args:
        message: what is wrong.
        errno: Snowflake's number.
        sqlstate: the SQLSTATE.
        place: the line and the position in it, where Snowflake names them.

    """
    at = f" error line {place[0]} at position {place[1]}" if place else ""
    return sql_error(f"SQL compilation error:{at}\n{message}", errno, sqlstate)


def missing(kind: str, name: str) -> ProgrammingError:
    """Answer the error for an object that is not there, or that the role may not see."""
    return compilation_error(f"{kind} '{name}' does not exist or not authorized.")


def unsupported(what: str) -> ProgrammingError:
    """Answer the error for what the local Snowflake does not know."""
    return sql_error(f"Unsupported feature '{what}'.", 2, "0A000")


def marked(message: str, errno: int, sqlstate: str) -> ValueError:
    """Make an error for a function of the engine to raise; the client gets Snowflake's error."""
    return ValueError(f"[{errno} {sqlstate}] {message} [/{errno}]")
