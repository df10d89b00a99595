"""Keeps what fakesnow makes of a statement: the same texts come again and again.

fakesnow parses each statement and walks it some seventy times. Procedures bind their values, so
their texts do not differ from one CALL to the next.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from fakesnow.cursor import FakeSnowflakeCursor
from sqlglot import exp

KEPT_STATEMENTS = 256
# Longer ones hold values, and do not come again.
KEPT_CHARACTERS = 20_000
# What fakesnow makes of these depends on more than their text.
NOT_KEPT = ("identifier(", "random", "result_scan", "overwrite", "$")

Key = tuple[str, str | None, str | None]


class Translations:
    """What statements are in DuckDB's words, by text, database and schema."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, exp.Expression] = OrderedDict()

    def translate(
        self, cursor: FakeSnowflakeCursor, expression: exp.Expression, text: str
    ) -> exp.Expression | None:
        """Answer a query or a write of rows in DuckDB's words; None for what fakesnow must do.

        Args:
            cursor: whose session it is.
            expression: the parsed statement; it is left as it is.
            text: what was parsed.

        """
        lower = text.lower() if len(text) <= KEPT_CHARACTERS else ""
        rows = isinstance(expression, exp.Query | exp.Insert | exp.Update | exp.Delete | exp.Merge)
        if not rows or not lower or any(word in lower for word in NOT_KEPT):
            return None
        connection = cursor._conn
        key = (text, connection.database, connection.schema)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = cursor._transform(expression.copy(), None)
            while len(self._kept) > KEPT_STATEMENTS:
                self._kept.popitem(last=False)
        return found


def run_translated(
    cursor: FakeSnowflakeCursor,
    expression: exp.Expression,
    translated: exp.Expression,
    params: Sequence[Any] | None,
) -> None:
    """Run what `translate` answered, as fakesnow runs what it has made itself."""
    cursor.check_db_and_schema(expression)
    cursor._execute(translated, list(params) if params else None)
