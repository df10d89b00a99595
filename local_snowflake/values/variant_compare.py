"""How two VARIANTs compare: by kind first, then by value."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from local_snowflake.values import variant_text as text

_RANKS = {
    "NULL_VALUE": 0,
    "BOOLEAN": 1,
    "INTEGER": 2,
    "DECIMAL": 2,
    "DOUBLE": 2,
    "VARCHAR": 3,
    "ARRAY": 4,
    "OBJECT": 5,
}


def compare(left: str | None, right: str | None) -> int | None:
    """Answer -1, 0 or 1; None where one is NULL. Arrays and objects have no order, only equality.

    Args:
        left: as it is kept.
        right: as it is kept.

    """
    if left is None or right is None:
        return None
    a, b = _key(left), _key(right)
    return (a > b) - (a < b)


def _key(kept: str) -> tuple[int, Any]:
    kind = text.kind(kept)
    rank = _RANKS[kind]
    if rank == 2:
        return rank, Decimal(str(text.number(kept)))
    if kind == "VARCHAR":
        return rank, text.read(kept).encode()
    if kind in ("ARRAY", "OBJECT"):
        return rank, _by_value(kept)
    return rank, kept


def _by_value(kept: str) -> str:
    """The text of an array or an object, with each number spelt by its value."""
    return text.write(_spelt(text.read(kept)))


def _spelt(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _spelt(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_spelt(item) for item in value]
    if isinstance(value, str) and not value.startswith(text.MARK):
        return value
    if value is None or isinstance(value, bool):
        return value
    digits = text.digits(value) if isinstance(value, str) else repr(value)
    return text.MARK + f"{Decimal(digits).normalize(text.EXACTLY):f}"
