"""Parses SQL as fakesnow does, and also what the parser of fakesnow leaves as text."""

from __future__ import annotations

import re
from typing import Any

from fakesnow.converter import from_binding
from fakesnow.dialect import parse, parse_one
from sqlglot import exp

from local_snowflake.sql.names import NAME

__all__ = ["bound_value", "parse_one", "parse_statements"]

_TEXT = r"(?:'(?:[^'\\]|\\.|'')*'|\$\$.*?\$\$)"
_PART = r'(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*)'
_ONE = rf"(?:COLUMN\s+)?(?P<column>{_PART})\s+COMMENT\s+(?P<text>{_TEXT})"
_EACH = re.compile(rf"\s*(?:,\s*(?:(?:ALTER|MODIFY)\s+)?)?{_ONE}", re.IGNORECASE | re.DOTALL)
_ALTER = re.compile(
    rf"\s*(?P<kind>TABLE|VIEW)\s+(?P<quiet>IF\s+EXISTS\s+)?(?P<name>{NAME})\s+(?:ALTER|MODIFY)\s+"
    rf"(?P<columns>{_ONE.replace('?P<column>', '?:').replace('?P<text>', '?:')}.*)",
    re.IGNORECASE | re.DOTALL,
)
# What stands before the body of a procedure.
_PROCEDURE = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?PROCEDURE\b.*\bAS\s+", re.IGNORECASE | re.DOTALL
)


def parse_statements(text: str) -> list[exp.Expression]:
    """Parse a text of one statement or several.

    Raises:
        SqlglotError: when the text is not SQL.

    """
    head, *rest = text.split("$$")
    if len(rest) == 2 and not rest[1].strip() and _PROCEDURE.fullmatch(head):
        return _with_body(head, rest[0])
    return _parsed(text)


def _parsed(text: str) -> list[exp.Expression]:
    return [_read_alter(one) for one in parse(text) if one]


def _with_body(head: str, body: str) -> list[exp.Expression]:
    """Parse a procedure without a look at its body, which SQL takes as it is and may be long."""
    statements = _parsed(f"{head}$$body$$")
    for found in statements[-1].find_all(exp.RawString):
        found.set("this", body)
    return statements


def bound_value(binding: dict[str, Any]) -> Any:
    """The value of a client's binding; NULL and lists are not read here."""
    return from_binding(binding)


def _read_alter(command: exp.Expression) -> exp.Expression:
    """Answer an ALTER of several columns' comments, which the parser leaves as text, as parsed.

    Args:
        command: any statement; other statements are answered unchanged.

    """
    if not isinstance(command, exp.Command) or str(command.this).upper() != "ALTER":
        return command
    match = _ALTER.fullmatch(str(command.expression).rstrip("; \n\t"))
    if not match:
        return command
    rest, actions = match["columns"], []
    while rest.strip():
        one = _EACH.match(rest)
        if not one:
            return command
        text = parse_one(f"select {one['text']}").expressions[0].name
        column = exp.to_identifier(one["column"].strip('"'), quoted=one["column"].startswith('"'))
        actions.append(exp.AlterColumn(this=column, comment=exp.Literal.string(text)))
        rest = rest[one.end() :]
    table = parse_one(f"describe table {match['name']}").find(exp.Table)
    return exp.Alter(
        this=table, kind=match["kind"].upper(), exists=bool(match["quiet"]), actions=actions
    )
