"""JSON as RFC 8259 has it: Python's parser also takes NaN, and the last of two equal keys."""

from __future__ import annotations

import json
from typing import Any


def parse_strictly(text: str) -> Any:
    """Parse JSON.

    Raises:
        ValueError: when it is not JSON, holds NaN or Infinity, or one key twice in an object.
        RecursionError: when it is nested too deeply.

    """
    return json.loads(
        text, parse_constant=_refuse_constant, object_pairs_hook=_refuse_duplicate_keys
    )


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _refuse_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found
