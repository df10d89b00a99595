"""Names the unnamed columns of a query after their text, in upper case."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.tokenizer_core import Token, TokenType

_OPENS = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE}
_CLOSES = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE}
_BEFORE_LIST = {TokenType.DISTINCT, TokenType.ALL}
_ENDS_LIST = {
    TokenType.FROM, TokenType.WHERE, TokenType.GROUP_BY, TokenType.HAVING, TokenType.QUALIFY,
    TokenType.ORDER_BY, TokenType.LIMIT, TokenType.FETCH, TokenType.UNION, TokenType.EXCEPT,
    TokenType.INTERSECT, TokenType.INTO, TokenType.SEMICOLON,
}  # fmt: skip
NAMED = "named_columns"


def name_columns(query: exp.Expr, text: str) -> None:
    """Give names to the unnamed columns of a query.

    Args:
        query: as it was parsed; changed in place.
        text: what was parsed.

    """
    items = _items(query)
    if not any(map(_is_unnamed, items)):
        return
    texts = _listed(text)
    if len(texts) != len(items):
        return
    for item, written in zip(items, texts, strict=True):
        if _is_unnamed(item):
            _name(item, written)
    query.meta[NAMED] = True


def name_rest(statement: exp.Expr) -> None:
    """Name the columns that are still unnamed, also in CREATE ... AS, after their SQL.

    Args:
        statement: as it was parsed; changed in place.

    """
    query = statement.expression if isinstance(statement, exp.Create) else statement
    for item in _items(query):
        text = item.sql(dialect="snowflake", comments=False) if _is_unnamed(item) else ""
        if (
            text and not text.isidentifier()
        ):  # the engine would take the text for the name of a column
            _name(item, text)


def _items(query: exp.Expr | None) -> list[exp.Expr]:
    """The items of the first SELECT of a query."""
    while isinstance(query, exp.SetOperation):
        query = query.this
    return list(query.expressions) if isinstance(query, exp.Select) else []


def _name(item: exp.Expr, text: str) -> None:
    named = exp.Alias(alias=exp.to_identifier(text.upper(), quoted=True))
    item.replace(named)
    named.set("this", item)


def _is_unnamed(item: exp.Expr) -> bool:
    """Whether an item has no name; a column has its own name, also in parentheses."""
    return not isinstance(item, exp.Alias | exp.Star) and not isinstance(item.unnest(), exp.Column)


def _listed(text: str) -> list[str]:
    """The texts of the items of the outermost SELECT."""
    depth, started = 0, False
    items: list[list[Token]] = [[]]
    for token in Snowflake().tokenize(text):
        kind = token.token_type
        depth -= kind in _CLOSES
        if not started:
            started = depth == 0 and kind == TokenType.SELECT
        elif depth == 0 and kind in _ENDS_LIST:
            break
        elif depth == 0 and kind == TokenType.COMMA:
            items.append([])
        elif depth or items[0] or kind not in _BEFORE_LIST:
            items[-1].append(token)
        depth += kind in _OPENS
    return [text[item[0].start : item[-1].end + 1] for item in items if item]
