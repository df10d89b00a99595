"""FLATTEN with the arguments that the engine's own unnesting does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from local_snowflake.values import variant_text as text

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_STEP = re.compile(r"\.?([A-Za-z_][A-Za-z0-9_$]*)|\[(\d+)\]|\[(?:'([^']*)'|\"([^\"]*)\")\]")
Row = list[Any]


def rows(
    kept: str | None, path: str | None, outer: bool | None, recursive: bool | None, mode: str | None
) -> str:
    """Answer the rows as a JSON array, each with SEQ, KEY, PATH, INDEX, VALUE and THIS.

    Args:
        kept: the value that is flattened.
        path: the part of the value, as in FLATTEN.
        outer: whether a value without items gives one row.
        recursive: whether items are flattened, too.
        mode: BOTH, ARRAY or OBJECT.

    """
    value, reached = _reached(text.read(kept) if kept is not None else None, path or "")
    found = list(_items(value, path or "", bool(recursive), mode or "BOTH")) if reached else []
    if not found and outer:
        is_container = reached and isinstance(value, dict | list)
        this = text.write(value) if is_container else None
        found = [[None, (path or "") if is_container else None, None, None, this]]
    return text.write([[1, *row] for row in found])


def _reached(value: Any, path: str) -> tuple[Any, bool]:
    at = 0
    while at < len(path):
        step = _STEP.match(path, at)
        if not step:
            return None, False
        name = step[1] or step[3] or step[4]
        at = step.end()
        if name is not None and isinstance(value, dict) and name in value:
            value = value[name]
        elif step[2] and isinstance(value, list) and int(step[2]) < len(value):
            value = value[int(step[2])]
        else:
            return None, False
    return value, True


def _items(value: Any, path: str, recursive: bool, mode: str) -> Iterator[Row]:
    found: list[tuple[str | None, int | None, str, Any]]
    if isinstance(value, dict) and mode in ("BOTH", "OBJECT"):
        found = [(key, None, _below(path, key), item) for key, item in sorted(value.items())]
    elif isinstance(value, list) and mode in ("BOTH", "ARRAY"):
        found = [(None, index, f"{path}[{index}]", item) for index, item in enumerate(value)]
    else:
        return
    this = text.write(value)
    for key, index, place, item in found:
        yield [key, place, index, text.write(item), this]
        if recursive:
            yield from _items(item, place, recursive, mode)


def _below(path: str, key: str) -> str:
    if not _NAME.fullmatch(key):
        return f"{path}['{key}']"
    return f"{path}.{key}" if path else key
