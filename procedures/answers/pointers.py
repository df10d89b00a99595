"""Reads an answer at the place that a description names.

A place is a JSON Pointer (RFC 6901), `header:NAME`, or `location`: the last segment of the Location
header. A text on the way of a pointer that is JSON itself is read as JSON, as some gateways send
the body of an answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from procedures.answers.answer_json import parse_answer
from procedures.description.templates import segments

LOCATION = "location"
_HEADER = "header:"
_INDEX = re.compile(r"0|[1-9][0-9]*")


@dataclass(frozen=True)
class Received:
    """An answer, as far as its meaning needs it.

    `body` is JSON; `headers` has the headers of the answer, with names in lower case.
    """

    body: Any
    status: int = 200
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Place:
    """What stands at a place of an answer.

    `state` is 'found', 'nothing' or 'elsewhere'. 'nothing' means that the answer says that there is
    nothing: a null, or a list that is too short. 'elsewhere' means that the answer has another
    shape, and says nothing about the place.
    """

    state: Literal["found", "nothing", "elsewhere"]
    value: Any = None


_ANOTHER_SHAPE = Place("elsewhere")
_NOTHING_THERE = Place("nothing")


def in_headers(place: str) -> bool:
    """Whether a place is in the headers of an answer, and not in its body."""
    return place == LOCATION or place.startswith(_HEADER)


def first_index(place: str | None) -> int | None:
    """The index with which a place begins: the answer there is a list. None for other places."""
    token = segments(place)[0] if place and place.startswith("/") else ""
    return int(token) if _INDEX.fullmatch(token) else None


def look_up(place: str, seen: Received) -> Place:
    """Read what stands at a place of an answer."""
    headers = seen.headers or {}
    if place == LOCATION:
        return _last_segment(headers.get(LOCATION, ""))
    if place.startswith(_HEADER):
        value = headers.get(place.removeprefix(_HEADER).lower(), "").strip()
        return Place("found", value) if value else _ANOTHER_SHAPE
    found = seen.body
    for token in segments(place):
        found = _as_json(found)
        if found is None:
            return _NOTHING_THERE
        if isinstance(found, list) and _INDEX.fullmatch(token):
            if int(token) >= len(found):
                return _NOTHING_THERE
            found = found[int(token)]
        elif isinstance(found, dict) and token in found:
            found = found[token]
        else:
            return _ANOTHER_SHAPE
    return _NOTHING_THERE if found is None else Place("found", found)


def _as_json(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        inner, problem = parse_answer(value.encode())
        return value if problem else inner
    return value


def _last_segment(location: str) -> Place:
    try:
        path = urlsplit(location).path
    except ValueError:
        return _ANOTHER_SHAPE
    segment = unquote(path.rstrip("/").rpartition("/")[2])
    return Place("found", segment) if segment else _ANOTHER_SHAPE
