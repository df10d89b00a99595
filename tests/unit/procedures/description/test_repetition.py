"""By what an API knows the repetition of a request."""

from __future__ import annotations

from typing import Any

import pytest

from procedures.description.description import Endpoint, Key
from procedures.domain.execution import repetition_mark


def _create(**said: Any) -> str | None:
    method, url = said.pop("method", "POST"), said.pop("url", "https://a.example/rules")
    return Endpoint("create", method, url, **said).repetition


WAYS: dict[str, dict[str, Any]] = {
    "a header": {"key": Key(header="X-Request-Id")},
    "another header": {"key": Key(header="X-Once")},
    "a place in the body": {"key": Key(body="/meta/key")},
    "another place in the body": {"key": Key(body="/key")},
    "PUT": {"method": "PUT", "url": "https://a.example/rules/{execution_id}"},
    "PUT at another path": {"method": "PUT", "url": "https://a.example/policies/{execution_id}"},
    "already": {"already": frozenset({409})},
    "the header Idempotency-Key": {"key": Key(header="Idempotency-Key")},
    "nothing": {},
}


def test_each_way_is_another() -> None:
    """A request in doubt is repeated only in the way in which it was sent."""
    marks = {name: repetition_mark(_create(**way)) for name, way in WAYS.items()}
    assert len(set(marks.values())) == len(WAYS)
    assert marks["the header Idempotency-Key"] == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"key": Key(header="X-Once")}, {"key": Key(header="x-once"), "busy": frozenset({422})}),
        ({"key": Key(header="Idempotency-Key")}, {"key": Key(header="idempotency-key")}),
        ({"already": frozenset({409})}, {"already": frozenset({409, 422})}),
        (
            {"method": "PUT", "url": "https://a.example/{execution_id}"},
            {"method": "PUT", "url": "https://b.example:8443/{execution_id}"},
        ),
    ],
)
def test_what_does_not_matter_is_the_same_way(one: dict[str, Any], other: dict[str, Any]) -> None:
    """The case of a header, another host, and more statuses change nothing about a repetition."""
    assert _create(**one) == _create(**other) is not None


def test_a_way_is_safe_inside_sql() -> None:
    """Whatever a description holds, the text has no quote and no wildcard of LIKE."""
    way = _create(key=Key(body="/it's_100%"))
    assert way is not None
    assert way.replace(" ", "").isalnum()
