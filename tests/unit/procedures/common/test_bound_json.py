"""JSON that comes out of a VARIANT."""

from __future__ import annotations

import math

import pytest

from procedures.common.bound_json import parsed, to_json


@pytest.mark.parametrize("sign", ["", "-"])
def test_the_largest_double_comes_back(sign: str) -> None:
    """Snowflake shows it rounded up, to more than a double holds; it is written as itself again."""
    found = parsed(f'{{"n": {sign}1.797693134862316e+308}}')
    assert math.isfinite(found["n"])
    assert to_json(found) == f'{{"n": {sign}1.7976931348623157e+308}}'
