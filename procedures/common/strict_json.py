"""A strict JSON parser for what is to be sent: RFC 8259, and only values that a table can hold.

Python's own parser also accepts NaN, a key that stands twice, numbers too large for every type, and
halves of a surrogate pair, which no encoding can carry.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

# Snowflake reads a number with more digits than a NUMBER as a double, whose limit is near 1e308.
MAX_DIGITS = 300
_MAY_BE_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def parse_strictly(text: str) -> Any:
    """Parse JSON.

    Raises:
        ValueError: when the text is not JSON, or holds NaN, Infinity, a number that no double can
            hold, one key twice in an object, or half of a surrogate pair. The error's message
            shows no content of the text.
        RecursionError: when the text is nested too deeply.

    """
    value = json.loads(
        text,
        parse_constant=refuse_constant,
        parse_float=_finite,
        parse_int=_whole,
        object_pairs_hook=without_duplicates,
    )
    if _MAY_BE_HALF.search(text):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("a text holds half of a surrogate pair (\\ud800 to \\udfff)") from None
    return value


def refuse_constant(name: str) -> Any:
    """Refuse a constant, such as NaN, that Python's parser accepts and JSON does not have."""
    raise ValueError(f"{name} is not JSON")


def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its pairs; a key that stands twice is an error."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is larger than JSON's readers can hold")
    return value


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number has over {MAX_DIGITS} digits")
    return int(text)
