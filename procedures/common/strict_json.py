"""JSON as RFC 8259 has it, and as a table can hold it: what is to be sent is refused otherwise.

Python's parser also takes NaN, the last of two equal keys, numbers beyond every type, and halves
of a pair that no encoding can carry.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

# Snowflake reads a number that is longer than a NUMBER as a double, which ends near 1e308.
MAX_DIGITS = 300
_MAY_BE_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def parse_strictly(text: str) -> Any:
    """Parse JSON.

    Raises:
        ValueError: when it is not JSON, or holds NaN, Infinity, a number that no double can hold,
            one key twice in an object, or half of a surrogate pair. The text shows no content.
        RecursionError: when it is nested too deeply.

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
    """Refuse what Python's parser takes and JSON does not have."""
    raise ValueError(f"{name} is not JSON")


def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object whose keys each stand once."""
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
