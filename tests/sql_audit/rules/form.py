"""Rules for the text of a statement: one statement, and literals that mean their value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.sql_audit.statement import NODES, Sent, lexemes

_VALUES = re.compile(r"\bvalue_list\s*=\s*\((.*?)\)", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"(?:\*\.)?(?:[\w-]+\.)*[\w-]+\.[\w-]+(?::\d{1,5})?|localhost(?::\d{1,5})?")


def not_one_statement(statement: Sent) -> Iterator[str]:
    """A text for run_query is one statement, without `;`, and is more than a comment.

    dbt itself writes one `;` behind a model (docs/snowflake_facts.md#dbt-statements).
    """
    sql = statement.sql.rstrip().removesuffix(";") if statement.sender == NODES else statement.sql
    kinds = [kind for kind, _ in lexemes(sql)]
    if set(kinds) <= {"comment", "space", "semicolon"}:
        yield "there is no statement in the text"
    elif "semicolon" in kinds:
        yield "a ; stands in the text: more than one statement, or one too many"


def single_backslash(statement: Sent) -> Iterator[str]:
    r"""A backslash in '...' is doubled; a single one is lost (docs/snowflake_facts.md#strings)."""
    for kind, text in lexemes(statement.sql):
        if kind == "text" and re.sub(r"\\\\", "", text).count("\\"):
            yield f"a backslash in {text[:60]} is not doubled"


def unclosed_text(statement: Sent) -> Iterator[str]:
    """No literal is open at the end of a text.

    A quote or a $$ inside a value ends its literal (docs/snowflake_facts.md#strings).
    """
    for kind, text in lexemes(statement.sql):
        if kind == "other" and text in {"'", '"'}:
            yield "a quote is open at the end of the text"
            return


def host_with_scheme(statement: Sent) -> Iterator[str]:
    """A network rule lists host[:port]: no scheme, no path, and one `*` for one label.

    Snowflake takes nothing else there (docs/snowflake_facts.md#external-access).
    """
    for found in _VALUES.finditer(statement.sql):
        for value in re.findall(r"'([^']*)'", found[1]):
            if not _HOST.fullmatch(value):
                yield f"{value} is not host:port"


# For texts that were given to dbt, before dbt cuts them at `;`.
TEXT_RULES = (not_one_statement,)
FORM_RULES = (not_one_statement, single_backslash, unclosed_text, host_with_scheme)
