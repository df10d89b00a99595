"""JSON as statements bind it: one text, cut where a statement would grow too long (facts, 4)."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

# A statement, what it binds included, stays under 1 MB (facts, 4.5).
BOUND_BYTES = 800_000

Item = TypeVar("Item")


def parts(
    items: Iterable[Item], row: Callable[[Item], Any] = lambda item: item
) -> Iterator[list[Item]]:
    """Cut a list so that the JSON of each part fits into a statement; one item always does."""
    part: list[Item] = []
    size = 0
    for item in items:
        length = len(to_json(row(item)).encode())
        if part and size + length > BOUND_BYTES:
            yield part
            part, size = [], 0
        part.append(item)
        size += length
    if part:
        yield part


def to_json(value: Any) -> str:
    """Write JSON in one line, without NaN."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def parsed(text: str | None) -> Any:
    """Read JSON; None stays None.

    Snowflake shows 15 decimals of a double, and the largest ones rounded up: beyond all doubles.
    """
    return None if text is None else json.loads(text, parse_float=_double)


def _double(text: str) -> float:
    value = float(text)
    return math.copysign(sys.float_info.max, value) if math.isinf(value) else value
