"""Compares two policies by their values."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from procedures.common.redaction import REDACTED


class _Double(Decimal):
    """A number that was written with an exponent, which a VARIANT keeps as a double."""


def is_same(stored: str, given: Any) -> bool:
    """Whether a given policy is the stored one.

    A stored policy that was restored from the history has its secrets redacted: a redacted value
    equals any text or number. Numbers are compared by value, to the last digit: 1.0 is 1, and 0.1
    is not 0.10000000000000001. Of a number with an exponent a VARIANT keeps 15 decimals
    (docs/snowflake_facts.md#json-and-null).

    Args:
        stored: JSON text, from the table or its history.
        given: JSON text, or JSON.

    """
    text = given if isinstance(given, str) else json.dumps(given)
    return _same(_exact(stored), _exact(text))


def _exact(text: str) -> Any:
    return json.loads(text, parse_float=_number, parse_int=Decimal)


def _number(text: str) -> Decimal:
    return _Double(text) if "e" in text.lower() else Decimal(text)


def _same(stored: Any, given: Any) -> bool:
    if isinstance(stored, dict) and isinstance(given, dict):
        return stored.keys() == given.keys() and all(
            _same(item, given[key]) for key, item in stored.items()
        )
    if isinstance(stored, list) and isinstance(given, list):
        return len(stored) == len(given) and all(map(_same, stored, given))
    if stored == REDACTED and isinstance(given, str | Decimal):
        return not isinstance(given, bool)
    if isinstance(stored, _Double) and isinstance(given, Decimal):
        return stored == given or f"{stored:.15e}" == f"{given:.15e}"
    same_kind = isinstance(stored, bool) is isinstance(given, bool)
    return bool(stored == given) and same_kind
