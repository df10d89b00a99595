"""One statement as it was sent: who sent it, its tree, and its shape."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from local_snowflake.server import Statement

ADAPTER = "dbt adapter"
UNIT_TESTS = "dbt unit tests"
MACROS = "project macros"
NODES = "models and tests"
ANALYSES = "analyses"
PROCEDURES = "procedures"
ADVICE = "SQL in messages"
# The senders whose text the project writes; dbt writes the others.
OURS = (MACROS, NODES, ANALYSES, PROCEDURES, ADVICE)

_DBT_COMMENT = re.compile(r'\s*/\* (\{"app": "dbt".*?\}) \*/(?P<end>\s*;?\s*)\Z', re.DOTALL)
_LEXEME = re.compile(
    r"""(?P<comment>--[^\n]*|//[^\n]*|/\*.*?\*/)
    |(?P<body>\$\$.*?\$\$)
    |(?P<text>'(?:[^'\\]|\\.|'')*')
    |(?P<name>"(?:[^"]|"")*")
    |(?P<semicolon>;)
    |(?P<bind>\?)
    |(?P<number>(?<![\w$])\d+(?:\.\d+)?\b)
    |(?P<space>\s+)
    |(?P<other>[A-Za-z_$][\w$]*|.)""",
    re.DOTALL | re.VERBOSE,
)
_SCHEMA = re.compile(r"\b(?:TEST|AUDIT)_[0-9A-F]{12}\b", re.IGNORECASE)

# sqlglot warns in the log about CALL and some forms of SHOW.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


@lru_cache(maxsize=64)
def lexemes(sql: str) -> tuple[tuple[str, str], ...]:
    """Cut SQL into kinds and texts, as Snowflake's lexer does (docs/snowflake_facts.md#strings)."""
    return tuple((str(match.lastgroup), match[0]) for match in _LEXEME.finditer(sql))


def without_python(sql: str) -> str:
    """The text with a placeholder for a procedure's body, which is not SQL."""
    return "".join("$$ body $$" if kind == "body" else text for kind, text in lexemes(sql))


@lru_cache(maxsize=512)
def _parsed(sql: str) -> list[exp.Expr]:
    try:
        parsed = sqlglot.parse(sql, dialect="snowflake")
    except SqlglotError:
        return []
    return [tree for tree in parsed if tree and not isinstance(tree, exp.Semicolon)]


@dataclass(frozen=True)
class Sent:
    """A statement, without the comment that dbt appends.

    `source` is what dbt was doing: an operation, or a node; `params` are type and value of what is
    bound; `at` is when it arrived.
    """

    sender: str
    sql: str
    source: str = ""
    params: tuple[tuple[str, Any], ...] = ()
    session: str = ""
    call: str | None = None
    at: float = 0.0

    @cached_property
    def trees(self) -> list[exp.Expr]:
        """The statements that sqlglot finds in the text; none when sqlglot cannot read the text."""
        return _parsed(without_python(self.sql))

    @property
    def tree(self) -> exp.Expr | None:
        """The statement's tree; None when sqlglot knows only the first word."""
        trees = self.trees
        return trees[0] if trees and not isinstance(trees[0], exp.Command) else None

    @cached_property
    def bare(self) -> str:
        """The text without comments, and with single blanks."""
        parts = (" " if kind in {"comment", "space"} else text for kind, text in lexemes(self.sql))
        return re.sub(r" +", " ", "".join(parts)).strip()

    @cached_property
    def shape(self) -> str:
        """The text with placeholders for values; statements of one shape differ in values only."""
        held = {"text": "'...'", "body": "$$ ... $$", "number": "0"}
        parts = (
            " " if kind in {"comment", "space"} else held.get(kind, text)
            for kind, text in lexemes(self.sql)
        )
        text = re.sub(r"\s+", " ", "".join(parts)).strip()
        return _SCHEMA.sub("SCHEMA", text)


def sent(statement: Statement, analysis: str = "") -> Sent | None:
    """The sender of a statement that the local Snowflake recorded; None for a test's own."""
    found = _DBT_COMMENT.search(statement.sql)
    if statement.kind == "procedure":
        sender, source, sql = PROCEDURES, "", statement.sql
    elif found:
        about = json.loads(found[1])
        source = str(about.get("node_id") or about.get("connection_name") or "")
        sender = sender_of(source)
        sql = statement.sql[: found.start()] + found["end"].rstrip()
    else:
        return None
    source = analysis or source
    return Sent(
        sender, sql, source, statement.params, statement.session, statement.call, statement.at
    )


def sender_of(source: str) -> str:
    """The author of a text that dbt sends, by its node or by the name of the connection."""
    kind = source.split(".", maxsplit=1)[0]
    if source == "master" or source.startswith("macro_") or kind == "operation":
        return MACROS
    senders = {
        "model": NODES,
        "test": NODES,
        "analysis": ANALYSES,
        "unit_test": UNIT_TESTS,
    }
    return senders.get(kind, ADAPTER)
