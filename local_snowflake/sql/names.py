"""Names in SQL text: identifiers, and the options of DDL that sqlglot leaves as text."""

from __future__ import annotations

import re

from sqlglot import exp

from local_snowflake.sql.errors import compilation_error, unsupported

_PART = r'(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*)'
NAME = rf"{_PART}(?:\.{_PART}){{0,2}}"
OPTION = re.compile(
    rf"""([A-Za-z_]\w*)\s*=\s*(\((?:[^()']|'(?:[^'\\]|\\.|'')*')*\)|'(?:[^'\\]|\\.|'')*'|{NAME}|\d+)"""
)
_PLAIN = re.compile(r"[A-Z_][A-Z0-9_$]*")
_TEXT = re.compile(r"'((?:[^'\\]|\\.|'')*)'")


def qualified(name: str, database: str | None, schema: str | None) -> str:
    """DATABASE.SCHEMA.NAME, with unquoted parts in upper case.

    Raises:
        ProgrammingError: when the name needs a current schema, and the session has none.

    """
    given = [identifier(part) for part in re.findall(_PART, name.strip())]
    missing = [database, schema][: 3 - len(given)]
    if any(part is None for part in missing):
        raise compilation_error(
            "This session does not have a current schema. Use a qualified name.", 90106, "22000"
        )
    return ".".join([*(part for part in missing if part), *given])


def scoped(name: str, database: str | None) -> str:
    """DATABASE.SCHEMA of a schema's name.

    Raises:
        ProgrammingError: when the name needs a current database, and the session has none.

    """
    given = [identifier(part) for part in re.findall(_PART, name.strip())]
    if len(given) > 2 or not (database or len(given) == 2):
        raise compilation_error(
            "This session does not have a current database. Use a qualified name.", 90105, "22000"
        )
    return ".".join(given if len(given) == 2 else [str(database), *given])


def parts(expression: exp.Expression | None) -> list[exp.Expr]:
    """The given parts of the name of the first table in an expression."""
    found = expression.find(exp.Table) if expression is not None else None
    return [part for part in found.parts if part.name] if found is not None else []


def written(expression: exp.Expression | None) -> str:
    """The name of the first table in an expression, as the statement spells the name."""
    return ".".join(
        part.name
        if isinstance(part, exp.Identifier) and not part.quoted
        else part.sql(dialect="snowflake")
        for part in parts(expression)
    )


def identifier(part: str) -> str:
    """An identifier as Snowflake stores it."""
    return part[1:-1].replace('""', '"') if part.startswith('"') else part.upper()


def stored(part: exp.Expr | None) -> str:
    """An identifier of a parsed statement as Snowflake stores it."""
    if part is None:
        return ""
    return part.name if part.args.get("quoted") else part.name.upper()


def plain(part: str) -> str:
    """A stored identifier as messages show identifiers: in quotes where quotes are needed."""
    return part if _PLAIN.fullmatch(part) else '"' + part.replace('"', '""') + '"'


def check_database_name(name: str | None) -> None:
    """Refuse a database's name that needs quotes, which the engine's files and SQL do not take.

    Args:
        name: as a client gives the name, in quotes or without; None or an empty text is no name.

    """
    if name and not _PLAIN.fullmatch(identifier(name)):
        raise unsupported(f"a database whose name needs quotes, {name}, in the local Snowflake")


def options(text: str) -> dict[str, str]:
    """The `key = value` pairs of a DDL text, keys in upper case, values as written."""
    return {key.upper(): value for key, value in OPTION.findall(text)}


def texts(value: str) -> list[str]:
    """The quoted texts of a list."""
    return [match.replace("''", "'") for match in _TEXT.findall(value)]


def names(value: str) -> list[str]:
    """The identifiers of a list."""
    return re.findall(NAME, value)


def like_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern of SHOW ... LIKE, in any case; `_` and `%` are wildcards."""
    parts = {"%": ".*", "_": "."}
    return re.compile("".join(parts.get(c, re.escape(c)) for c in pattern), re.IGNORECASE | re.S)
