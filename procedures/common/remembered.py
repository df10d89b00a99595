"""Remembers what was found out about the keys of JSON: an API's answers have the same keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

# The memory is bounded, whatever keys an API sends.
REMEMBERED_KEYS = 1024
LONGEST_REMEMBERED_KEY = 100

Found = TypeVar("Found")


def remembered(find_out: Callable[[str], Found]) -> Callable[[str], Found]:
    """Let a function of a key alone run once for each of the last short keys."""
    kept = lru_cache(maxsize=REMEMBERED_KEYS)(find_out)

    @wraps(find_out)
    def of_key(key: str) -> Found:
        return kept(key) if len(key) <= LONGEST_REMEMBERED_KEY else find_out(key)

    return of_key
