"""Reads an answer at the place that a description names.

A place is a JSON Pointer (RFC 6901), `header:NAME`, or `location`: the last segment of the Location
header, where it is clear that this segment is the id. Another header with an address in it, such as
Operation-Location, is read as Location is. A text on the way of a pointer that is JSON itself is
read as JSON, as some gateways send the body of an answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from procedures.answers.answer_json import parse_answer
from procedures.description.templates import segments

LOCATION = "location"
_HEADER = "header:"
_INDEX = re.compile(r"0|[1-9][0-9]*")


@dataclass(frozen=True)
class Received:
    """An answer, as far as its meaning needs it.

    `body` is JSON; `headers` has the headers of the answer, with names in lower case. `collections`
    has the last segments of addresses under which policies stand: such a segment is no id.
    """

    body: Any
    status: int = 200
    headers: Mapping[str, str] | None = None
    collections: Collection[str] = ()


@dataclass(frozen=True)
class Place:
    """What stands at a place of an answer.

    `state` is 'found', 'nothing', 'elsewhere' or 'unclear'. 'nothing' means that the answer says
    that there is nothing: a null, or a list that is too short. 'elsewhere' means that the answer
    has another shape, and says nothing about the place. 'unclear' means that something stands there
    of which nobody can say whether it is what was looked for.
    """

    state: Literal["found", "nothing", "elsewhere", "unclear"]
    value: Any = None


_ANOTHER_SHAPE = Place("elsewhere")
_NOTHING_THERE = Place("nothing")
_UNCLEAR = Place("unclear")
_ADDRESS = re.compile(r"https?://|/", re.IGNORECASE)
# Last segments that name something of a policy, and not the policy: /jobs/42/status.
_PARTS = {
    "status", "state", "result", "results", "progress", "monitor", "poll", "detail", "details",
    "outcome", "output", "response",
}  # fmt: skip
_ID_WORDS = {"id", "ids", "uuid", "guid", "key", "identifier"}
_NAME_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# `policies;id=42`, `policies(42)`, `id=42`: the id is a part of the segment.
_PARAMETERS = re.compile(r";|\(.*\)$|^\w*(?:id|uuid|guid|key)=", re.IGNORECASE)


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
        return _id_in_location(headers.get(LOCATION, ""), seen.collections)
    if place.startswith(_HEADER):
        value = headers.get(place.removeprefix(_HEADER).lower(), "").strip()
        if _ADDRESS.match(value):
            return _id_in_location(value, seen.collections)
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


def collections_of(*addresses: str) -> frozenset[str]:
    """Name the last segment of each address that is no placeholder: `p` of `/p/{policy.name}`."""
    paths = (urlsplit(address).path.split("/") for address in addresses)
    named = ([part for part in path if part and "{" not in part] for path in paths)
    return frozenset(unquote(parts[-1]).casefold() for parts in named if parts)


def _id_in_location(location: str, collections: Collection[str]) -> Place:
    """The last segment of a Location, where it is clear that this is the id.

    It is not clear where the id stands, or may stand, somewhere else: in the query, in the fragment
    or in a parameter of the segment, or where the segment is the name of a collection or of a part.
    """
    if not location.strip():
        return _ANOTHER_SHAPE
    try:
        parts = urlsplit(location.strip())
        asked = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return _UNCLEAR
    *_, parent, last = ["", "", *parts.path.rstrip("/").split("/")]
    segment = unquote(last)
    is_elsewhere = (
        any(_may_name_id(name, segment) for name, value in asked if value != segment)
        or (parts.fragment and unquote(parent).casefold() not in collections)
        or _PARAMETERS.search(last)
    )
    if not segment or is_elsewhere or segment.casefold() in {*collections, *_PARTS}:
        return _UNCLEAR
    return Place("found", segment)


def _may_name_id(name: str, segment: str) -> bool:
    """Whether a query parameter may hold the id: `id`, `policyId`, or `policy` of `/policies`."""
    words = _NAME_WORDS.findall(name)
    is_id = bool(words) and words[-1].casefold() in _ID_WORDS
    stem = name.casefold()[:-1]
    return is_id or (len(stem) > 1 and segment.casefold().startswith(stem))
