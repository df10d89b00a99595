"""Generated answers at each endpoint: nothing raises, all can be kept, no yes without a yes.

The answers go over the wire, status line, headers and all: 1,000 of them, each at all three
endpoints; POLICY_ANSWERS=100000 takes more.
"""

from __future__ import annotations

import json
import os
import re
import socket
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3.util.connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procedures.domain.api_outcome import ApiOutcome
from procedures.http.policy_api import PolicyApi
from tests.unit.procedures.builders import (
    make_api_with_secret,
    make_credentials,
    make_settings,
)

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("POLICY_ANSWERS", "1000"))
WORDS = ("ok", "success", "triggered", "tripped", "open", "active", "ready", "failed", "pending")
CONFIRMED = {"ok", "success", "triggered", "tripped", "open"}

_KEYS = st.sampled_from(
    [
        "status", "state", "result", "STATUS", "Status", "success", "ok", "error", "errors", "data",
        "message", "policy_id", "policyId", "id", "code", "statusCode", "body", "triggered",
        "policy", "response", "meta", "attributes", "errorMessage", "failed",
    ]
) | st.text(max_size=4)  # fmt: skip
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-5, 600)
    | st.sampled_from([*WORDS, "FAILED ", "denied", "queued", "pol-1", "pol-2", "", "0", "false"])
    | st.text(max_size=6)
    | st.floats(allow_nan=False)
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)
# Good answers, into which something else is put.
_GOOD = st.sampled_from(
    [
        {"policy_id": "pol-1", "status": "ready"},
        {"policy_id": "pol-1", "status": "ok"},
        {"id": 17},
        {"status": "success", "data": {"id": "pol-1", "status": "active"}},
        {},
    ]
)
# Fields that may turn a good answer into another one.
_TELLING = st.sampled_from(
    [
        {"success": False}, {"ok": 0}, {"errors": ["x"]}, {"error": True}, {"error": 7},
        {"status": "denied"}, {"state": "queued"}, {"data": {"status": "failed"}},
        {"policy_id": "pol-2"}, {"data": {"policyId": "pol-2"}}, {"statusCode": 500},
        {"status": 202}, {"result": {"state": "FAILED"}}, {"status": None}, {"success": "false"},
        {"STATUS": " ok."}, {"policy_id": None, "id": 5}, {"errors": []}, {"data": {"ok": False}},
    ]
)  # fmt: skip
_OBJECTS = st.builds(
    lambda good, telling, more: {**good, **telling, **more},
    _GOOD,
    st.just({}) | _TELLING,
    st.just({}) | st.dictionaries(_KEYS, _VALUES, max_size=2),
)
# Raw JSON that Python's own writer never makes.
_ODD = st.sampled_from(
    ["1e400", '"\\ud800"', "NaN", "[" * 300 + "]" * 300, '{"a":' * 90 + "1" + "}" * 90, "9" * 400,
     '"\\u0000"', "-0", '"\\u202e"']
)  # fmt: skip


@st.composite
def _bodies(draw: st.DrawFn) -> bytes:
    kind = draw(st.sampled_from("oooooovvdddtbe"))
    if kind == "v":
        return json.dumps(draw(_VALUES)).encode()
    if kind == "b":
        return draw(st.binary(max_size=60))
    if kind == "e":
        return b""
    text = json.dumps(draw(_OBJECTS))
    if kind == "d":
        return f'{{"odd": [{draw(_ODD)}], "own": {text}, {text[1:]}'.replace(", }", "}").encode()
    return text[: draw(st.integers(0, len(text)))].encode() if kind == "t" else text.encode()


_STATUS = st.sampled_from([200] * 20 + [201, 202, 204, 206, 301, 400, 401, 404, 409, 429, 500, 503])
_HEADER_VALUES = st.sampled_from(
    ["0.5", "soon", "-1", "0", "http://[", "gzip", "deflate", "chunked", "7", "-7", "7, 8",
     "Fri, 31 Dec 99999 23:59:59 GMT", "application/problem+json", "close", "a\x1b[31mb", ""]
) | st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20)  # fmt: skip
_HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            ["Retry-After", "Location", "Content-Encoding", "Content-Type", "Content-Length",
             "Transfer-Encoding", "Connection", "Set-Cookie", "X-Other"]
        ),
        _HEADER_VALUES,
    ),
    max_size=3,
)  # fmt: skip


@st.composite
def _answers(draw: st.DrawFn) -> bytes:
    """An answer as its bytes on the wire."""
    status, body = draw(_STATUS), draw(_bodies())
    headers = draw(_HEADERS) if draw(st.integers(0, 3)) == 0 else []
    if draw(st.booleans()):
        headers = [("Content-Length", str(len(body))), *headers]
    interim = b"HTTP/1.1 103 Early Hints\r\n\r\n" * draw(st.integers(0, 2))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    head = f"HTTP/1.1 {status} {draw(_HEADER_VALUES)}\r\n{lines}\r\n".encode("latin-1", "replace")
    wire = interim + head + body
    if draw(st.integers(0, 9)) == 0:
        wire = wire[: draw(st.integers(0, len(wire)))]
    return wire


@pytest.fixture(scope="module", autouse=True)
def _answered() -> Iterator[None]:
    """Let every connection receive the answer in `_next`."""
    connect = urllib3.util.connection.create_connection

    def create_connection(*_: Any, **__: Any) -> socket.socket:
        ours, theirs = socket.socketpair()
        theirs.sendall(_next[0])
        theirs.shutdown(socket.SHUT_WR)
        _kept_open.append(theirs)
        return ours

    urllib3.util.connection.create_connection = create_connection
    yield
    urllib3.util.connection.create_connection = connect


_next: list[bytes] = [b""]
seen: Counter[str] = Counter()
KINDS = (
    "created", "ready", "not_ready", "failed", "triggered", "accepted", "rejected", "unavailable",
    "unknown", "unreadable",
)  # fmt: skip
_kept_open: list[socket.socket] = []


def _client() -> PolicyApi:
    words = {"success_statuses": ("active", "ready"), "confirmed_statuses": tuple(CONFIRMED)}
    made = make_settings(api=make_api_with_secret(base_url="http://127.0.0.1:9"), **words)
    return PolicyApi(made, make_credentials("tk-0123456789"))


def _came(outcome: ApiOutcome) -> ApiOutcome:
    """Close what is open, and check what holds for every outcome."""
    while _kept_open:
        _kept_open.pop().close()
    assert outcome.requests_sent == 1
    # An error in the reading itself would be an outcome as well; there was none.
    assert outcome.error_class not in {"CallBroken", "InvalidRequest"}
    assert outcome.message.isprintable()
    text = json.dumps(outcome.response, ensure_ascii=False, allow_nan=False)
    assert json.loads(text.encode()) == outcome.response
    assert "\x00" not in text
    assert len(text.encode()) < 300_000
    return outcome


def _fields(body: dict[str, Any], *names: str) -> list[Any]:
    """The values under these keys, at the top and in `data`, in any case."""
    places = [body, *(v for k, v in body.items() if k == "data" and isinstance(v, dict))]
    return [
        v for place in places for k, v in place.items() if re.sub(r"\W|_", "", k).lower() in names
    ]


def _may_confirm(status: int, read: dict[str, Any]) -> bool:
    """Whether a reader could take an answer for a confirmation of pol-1's circuit breaker."""
    if not 200 <= status < 300 or status == 202:
        return False
    if read.get("note") == "the body is empty":
        return True
    said = [s for s in _fields(read, "status", "state") if not isinstance(s, dict | list)]
    return (
        "note" not in read
        and all(_is_yes(s) for s in said)
        and not any(s in (False, 0, "false", "0") for s in _fields(read, "ok", "success"))
        and not any(s is True or (isinstance(s, int) and s > 0) for s in _fields(read, "error"))
        and all(i in (None, "", "pol-1") for i in _fields(read, "policyid"))
    )


def _is_yes(said: Any) -> bool:
    if isinstance(said, int | float):
        return said is True or 200 <= said < 300
    return isinstance(said, str) and said.strip(" .!").lower() in CONFIRMED


def _holds(value: Any, *words: str) -> bool:
    """Whether one of these words stands anywhere in a value."""
    if isinstance(value, dict | list):
        return any(
            _holds(v, *words) for v in (value.values() if isinstance(value, dict) else value)
        )
    return isinstance(value, str) and any(word in value.lower() for word in words)


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(_answers())
def test_any_answer(wire: bytes) -> None:
    """Each endpoint makes an outcome that can be kept, and a yes only of an answer's yes."""
    _next[0] = wire
    triggered = _came(_client().trigger_circuit_breaker("e", "pol-1", "x"))
    polled = _came(_client().poll_policy_status("pol-1"))
    created = _came(_client().create_policy("e", {"policy_name": "p"}))
    seen[triggered.kind] += 1
    seen[polled.kind] += 1
    seen[created.kind] += 1
    assert (triggered.kind == "triggered") is (triggered.error_class is None)
    if triggered.kind == "triggered":
        assert _may_confirm(triggered.http_status or 0, triggered.response or {})
    if polled.kind == "ready":
        assert _holds(polled.response, "active", "ready")
        assert 200 <= (polled.http_status or 0) < 300
    assert (created.kind == "created") is (created.policy_id is not None)
    if created.policy_id:
        assert created.policy_id in json.dumps(created.response, ensure_ascii=False)
        assert 200 <= (created.http_status or 0) < 300


def test_the_answers_were_of_all_kinds() -> None:
    """The generated answers led to each kind of outcome, so that each kind was tested."""
    assert min(seen[kind] for kind in KINDS) >= EXAMPLES / 1000, seen
