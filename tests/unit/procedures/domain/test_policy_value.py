"""When a policy that is given again equals the stored policy."""

from __future__ import annotations

import json
from typing import Any

import pytest

from procedures.domain.policy_value import is_same


@pytest.mark.parametrize(
    ("stored", "given", "same"),
    [
        ("1", "1.0", True),
        ("90", "90.00", True),
        ("90", "9e1", True),
        ("2.5", "2.50", True),
        ("0.1", "0.10000000000000001", False),
        ("9007199254740993", "9007199254740993.0", True),
        ("9007199254740993", "9007199254740992", False),
        ("1.000000000000000e-05", "1e-5", True),
        ("1.234567890123457e-05", "1.2345678901234567e-5", True),
        ("1.234567890123457e-05", "1.2345678902e-5", False),
        ("0.1234567890123456789", "0.1234567890123456788", False),
        ("1", "true", False),
        ("0", "false", False),
        ("true", "true", True),
        ("null", "0", False),
        ('"1"', "1", False),
        ("[1, 2]", "[1.0, 2]", True),
        ("[1, 2]", "[2, 1]", False),
        ('{"a": 1, "b": 2}', '{"b": 2.0, "a": 1}', True),
        ('{"a": 1}', '{"a": 1, "b": null}', False),
        ('"[redacted]"', '"secret"', True),
        ('"[redacted]"', '{"a": 1}', False),
    ],
)
def test_values_are_compared_and_not_their_spelling(stored: str, given: str, same: bool) -> None:
    """Numbers are compared to the last digit that a VARIANT keeps, and booleans are no numbers."""
    assert is_same(f'{{"v": {stored}}}', f'{{"v": {given}}}') is same


@pytest.mark.parametrize("value", [1, 1.5, 1e-5, 9007199254740993, True, None, "x", [1, {"a": 2}]])
def test_a_policy_given_as_json_is_its_own_text(value: Any) -> None:
    """A policy that dbt gives as JSON equals the same policy as it was stored."""
    assert is_same(json.dumps({"v": value}), {"v": value})
