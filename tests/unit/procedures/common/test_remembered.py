"""What was found out about a key is remembered, within bounds."""

from __future__ import annotations

from procedures.common.remembered import (
    LONGEST_REMEMBERED_KEY,
    REMEMBERED_KEYS,
    remembered,
)


def test_a_short_key_is_looked_at_once_and_a_long_one_each_time() -> None:
    """Keys of an API come again; its longest keys, and those of long ago, take no memory."""
    asked: list[str] = []

    @remembered
    def length(key: str) -> int:
        asked.append(key)
        return len(key)

    longest, longer = "a" * LONGEST_REMEMBERED_KEY, "a" * (LONGEST_REMEMBERED_KEY + 1)
    for _ in range(3):
        assert length("status") == 6
        assert length(longest) == LONGEST_REMEMBERED_KEY
        assert length(longer) == LONGEST_REMEMBERED_KEY + 1
    assert sorted(asked, key=len) == ["status", longest, *[longer] * 3]
    for number in range(REMEMBERED_KEYS):
        length(str(number))
    asked.clear()
    length("status")
    assert asked == ["status"]
