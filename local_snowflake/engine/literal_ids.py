"""Ids in the literals of a query: queries that differ only in their ids are translated once.

A program that cannot bind values, such as dbt, writes the id of its run into the text. Where such
a literal is compared, or is a column of its own, no translation depends on which id it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sqlglot import exp

_HEX = "[0-9a-f]"
_ID = re.compile(rf"'{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}(?P<rest>(?:-{_HEX}+)*)'")
_STAND_IN = "00000000-0000-0000-0000-"
_PLAIN = exp.EQ | exp.NEQ | exp.In | exp.Alias
_QUERY = re.compile(r"[\s(]*(?:select|with)\b", re.IGNORECASE)

# The literal that each stand-in stands for.
Ids = Mapping[str, str]


def without_ids(text: str) -> tuple[str, Ids]:
    """Put stand-ins in place of UUIDs in quotes, also of those with more digits behind them.

    A stand-in is as long as its id: types and places in the text stay what they are.

    Args:
        text: one statement.

    Returns:
        The text with the stand-ins, and the literal that each stands for; a statement that is no
        query stays as it is.

    """
    stand_ins: dict[str, str] = {}

    def stand_in(found: re.Match[str]) -> str:
        rest = re.sub(_HEX, "0", found["rest"])
        return stand_ins.setdefault(found[0], f"'{_STAND_IN}{len(stand_ins):012}{rest}'")

    put = _ID.sub(stand_in, text) if _QUERY.match(text) else text
    return put, {stand_in: literal for literal, stand_in in stand_ins.items()}


def with_ids(text: str, ids: Ids) -> str:
    """Put the ids back into the text of a statement."""
    return _ID.sub(lambda found: ids.get(found[0], found[0]), text) if ids else text


def exchanged(query: exp.Expression, literals: Mapping[str, str]) -> exp.Expression:
    """Answer a copy of a query in which these literals are exchanged for others."""
    query = query.copy()
    for literal in query.find_all(exp.Literal):
        text = f"'{literal.this}'"
        if _ID.search(text):
            literal.set("this", with_ids(text, literals)[1:-1])
    return query


def are_plain_values(query: exp.Expr) -> bool:
    """Whether all stand-ins of a parsed query are compared, or are columns that have a name.

    Elsewhere the text of a literal may be read: as a format, an interval, a path or a name.
    """
    return not any(
        _STAND_IN in text and not (_is_id(node) and isinstance(node.parent, _PLAIN))
        for node, text in _texts(query)
    )


def can_be_put_back(query: exp.Expr) -> bool:
    """Whether all stand-ins of a translated query are literals still."""
    return not any(
        _STAND_IN in (_ID.sub("", f"'{text}'") if isinstance(node, exp.Literal) else text)
        for node, text in _texts(query)
    )


def _is_id(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and bool(_ID.fullmatch(f"'{node.this}'"))


def _texts(query: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    for node in query.walk():
        for text in node.args.values():
            if isinstance(text, str):
                yield node, text
