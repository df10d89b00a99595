"""Results in the JSON form of Snowflake's protocol, which the connector reads in pure Python.

fakesnow's own results are in Arrow, and lose NULL timestamps; the JSON form keeps them.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from local_snowflake.values.variant_text import MARK, shown_number

SHOW_TYPE_ID = 0x4400
_SHOWN_KINDS = {"created_on": "timestamp_ltz", "entries_in_valuelist": "fixed"}


@dataclass
class Result:
    """Rows as the protocol wants them, with their column descriptions."""

    rowtype: list[dict[str, Any]]
    rowset: list[list[str | None]] = field(default_factory=list)
    type_id: int = 0
    query_id: str = ""


def text_result(columns: Sequence[str], rows: Sequence[Sequence[object]] = ()) -> Result:
    """Make a result of text columns, as SHOW and DESCRIBE give."""
    return Result(
        [column(name, "text") for name in columns],
        [[None if value is None else str(value) for value in row] for row in rows],
    )


def shown(columns: Sequence[str], rows: Sequence[Sequence[object]] = ()) -> Result:
    """Make the result of a SHOW or DESCRIBE of objects; a time is kept as ISO text."""
    rowtype = [column(name, _SHOWN_KINDS.get(name, "text")) for name in columns]
    typed = [
        [
            datetime.datetime.fromisoformat(str(value))
            if info["type"] == "timestamp_ltz" and value is not None
            else value
            for value, info in zip(row, rowtype, strict=True)
        ]
        for row in rows
    ]
    return Result(rowtype, to_rowset(typed, rowtype), SHOW_TYPE_ID)


def column(name: str, kind: str) -> dict[str, Any]:
    """Describe one column."""
    length = 16777216 if kind == "text" else None
    return {
        "name": name,
        "database": "",
        "schema": "",
        "table": "",
        "nullable": True,
        "type": kind,
        "byteLength": length,
        "length": length,
        "scale": 9 if kind.startswith("time") else 0 if kind == "fixed" else None,
        "precision": 38 if kind == "fixed" else 0 if kind.startswith("time") else None,
        "collation": None,
    }


def to_rowset(rows: Sequence[Sequence[object]], rowtype: Sequence[Any]) -> list[list[str | None]]:
    """Write values as the protocol's texts."""
    return [
        [_text(value, info["type"]) for value, info in zip(row, rowtype, strict=True)]
        for row in rows
    ]


def _text(value: Any, kind: str) -> str | None:  # one answer a type
    if value is None:
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime.datetime):
        epoch = datetime.datetime(1970, 1, 1, tzinfo=value.tzinfo and datetime.UTC)
        micros = (value - epoch) // datetime.timedelta(microseconds=1)
        text = f"{Decimal(micros).scaleb(-6):.9f}"
        return f"{text} 1440" if kind == "timestamp_tz" else text
    if isinstance(value, datetime.date):
        return str((value - datetime.date(1970, 1, 1)).days)
    if isinstance(value, datetime.time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return f"{seconds}.{value.microsecond:06d}000"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if kind == "variant":
        return pretty_json(value if isinstance(value, str) else json.dumps(value))
    return str(value)


class _Number(str):
    """The digits of a number, as the client sent them."""

    __slots__ = ()


def pretty_json(text: str) -> str:
    """Print a VARIANT as Snowflake does, over several lines, with the digits as they were sent."""
    return _pretty(json.loads(text, parse_float=_Number, parse_int=_Number), 0)


def _pretty(value: Any, depth: int) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, str) and value.startswith(MARK):
        return shown_number(value)
    if not isinstance(value, dict | list) or not value:
        return json.dumps(value, ensure_ascii=False)
    inner = "\n" + "  " * (depth + 1)
    if isinstance(value, dict):
        items = [
            f"{json.dumps(key, ensure_ascii=False)}: {_pretty(item, depth + 1)}"
            for key, item in value.items()
        ]
        return "{" + inner + f",{inner}".join(items) + "\n" + "  " * depth + "}"
    items = [_pretty(item, depth + 1) for item in value]
    return "[" + inner + f",{inner}".join(items) + "\n" + "  " * depth + "]"
