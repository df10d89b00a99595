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


_MARKED = re.compile(r"\[(\d+) (\w+)\] (.*) \[/\1\]", re.DOTALL)


def marked(message: str, errno: int, sqlstate: str) -> ValueError:
    """Make an error that a function of the engine raises; it comes back as Snowflake's."""
    return ValueError(f"[{errno} {sqlstate}] {message} [/{errno}]")


_NO_TABLE = re.compile(r"Table with name (\S+) does not exist")
_NO_NUMBER = re.compile(
    r"Could not convert string ['\"](.*?)['\"] to (?:U?INT|HUGEINT|DECIMAL|DOUBLE|FLOAT)", re.DOTALL
)
_NO_BOOLEAN = re.compile(r"Could not convert string '(.*?)' to BOOL", re.DOTALL)


def in_snowflakes_words(error: Error) -> Error:
    """Say as Snowflake does what DuckDB said in its words, where it is known."""
    message = error.msg or ""
    if found := _MARKED.search(message):
        return sql_error(found[3], int(found[1]), found[2])
    if found := _NO_NUMBER.search(message):
        return sql_error(f"Numeric value '{found[1]}' is not recognized", 100038, "22018")
    if found := _NO_BOOLEAN.search(message):
        return sql_error(f"Boolean value '{found[1]}' is not recognized", 100037, "22018")
    if "Division by zero in expression" in message:
        return sql_error("Division by zero", 100051, "22012")
    found = _NO_TABLE.search(message)
    return missing("Object", found[1]) if found else error
