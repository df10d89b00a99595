"""JSON as statements bind it: one text for many rows (docs/snowflake_facts.md#binds)."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

# A statement with all that it binds stays under 1 MB (docs/snowflake_facts.md#sizes).
BOUND_BYTES = 800_000

Item = TypeVar("Item")


def parts(
    items: Iterable[Item], row: Callable[[Item], Any] = lambda item: item
) -> Iterator[list[Item]]:
    """Cut a list into parts whose JSON fits into one statement; each part has at least one item."""
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
    """Parse JSON that Snowflake wrote; None stays None.

    Snowflake writes 15 decimals of a double. It rounds the largest doubles up, so that their text
    is larger than any double; such a text is read as the largest double.
    """
    return None if text is None else json.loads(text, parse_float=_double)


def _double(text: str) -> float:
    value = float(text)
    return math.copysign(sys.float_info.max, value) if math.isinf(value) else value
