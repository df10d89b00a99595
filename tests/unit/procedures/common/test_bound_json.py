"""JSON that Snowflake writes from a VARIANT."""

from __future__ import annotations

import math

import pytest

from procedures.common.bound_json import parsed, to_json


@pytest.mark.parametrize("sign", ["", "-"])
def test_the_largest_double_comes_back(sign: str) -> None:
    """The largest double, which Snowflake shows rounded up, is read and written as itself."""
    found = parsed(f'{{"n": {sign}1.797693134862316e+308}}')
    assert math.isfinite(found["n"])
    assert to_json(found) == f'{{"n": {sign}1.7976931348623157e+308}}'
