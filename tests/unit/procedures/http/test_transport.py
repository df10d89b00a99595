"""The wire: answers never cross, no status is lost, and it is known what was sent."""

from __future__ import annotations

import errno
import gzip
import json
import re
import socket
import ssl
import struct
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import urllib3.util.connection

import procedures.http.transport
from procedures.http.policy_api import PolicyApi
from tests.unit.procedures.builders import make_settings
from tests.unit.procedures.http.wire import Script, answer, certificate, drip, wire


def _interim(*statuses: int) -> bytes:
    return b"".join(
        f"HTTP/1.1 {status} Interim\r\nLink: </style.css>\r\n\r\n".encode() for status in statuses
    )


def _own_id(body: bytes) -> str:
    return f'{{"policy_id": "pol-{json.loads(body)["n"]}"}}'


def _after_interim(*statuses: int) -> Script:
    def script(connection: socket.socket, _: str, body: bytes) -> None:
        connection.sendall(_interim(*statuses))
        time.sleep(0.02)
        connection.sendall(answer(_own_id(body)))

    return script


def _twice(connection: socket.socket, _: str, body: bytes) -> None:
    connection.sendall(answer(_own_id(body)))
    time.sleep(0.02)
    connection.sendall(answer('{"policy_id": "pol-stray"}'))


def _more_than_it_says(connection: socket.socket, _: str, body: bytes) -> None:
    text = _own_id(body)
    connection.sendall(answer(text, length=len(text)))
    connection.sendall(b"} and more\r\n\r\n")


def _nothing_and_then_something(connection: socket.socket, _: str, body: bytes) -> None:
    connection.sendall(answer(_own_id(body), "200 OK", "Connection: keep-alive"))
    connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n" + _own_id(body).encode())


@pytest.mark.parametrize(
    "script",
    [
        _after_interim(103),
        _after_interim(102, 103, 103),
        _after_interim(100),
        _twice,
        _more_than_it_says,
        _nothing_and_then_something,
    ],
    ids=["103", "102 and 103", "100", "two answers", "more than its length", "and a 204"],
)
@pytest.mark.parametrize("connections", [1, 8])
def test_no_answer_is_another_requests(script: Script, connections: int) -> None:
    """Whatever a server sends before, after or beside an answer, each request gets its own."""
    with wire(script) as server:
        api = PolicyApi(make_settings(base_url=server.url, connections=connections))
        with ThreadPoolExecutor(connections) as pool:
            calls = {n: pool.submit(api.create_policy, f"e{n}", {"n": n}) for n in range(24)}
            found = {n: call.result() for n, call in calls.items()}
        api.close()
    assert {n: outcome.policy_id for n, outcome in found.items()} == {
        n: f"pol-{n}" for n in range(24)
    }
    assert sorted(body["n"] for body in server.bodies) == list(range(24))


def test_interim_answers_without_end_are_no_answer() -> None:
    """A server that only ever sends interim answers ends the call, with an unknown outcome."""
    with wire(lambda connection, *_: connection.sendall(_interim(*[103] * 50))) as server:
        outcome = PolicyApi(make_settings(base_url=server.url)).create_policy("e", {"n": 1})
    assert (outcome.kind, outcome.error_class, outcome.http_status) == ("unknown", "NoAnswer", None)


def test_a_switch_of_protocols_is_no_success() -> None:
    """The status 101 is final and confirms nothing: no request asks to switch protocols."""
    with wire(lambda connection, *_: connection.sendall(_interim(101))) as server:
        api = PolicyApi(make_settings(base_url=server.url))
        assert api.trigger_circuit_breaker("e", "p", "x").error_class == "HTTP101"


BODY = '{"error": "cut short", "policy_id": "pol-1"}'


def _broken(status: str, how: str) -> bytes:
    long = answer(BODY, status, length=500)
    return {
        "cut short": long,
        "cut in a chunk": f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n"
        f"{BODY}".encode(),
        "no chunk": f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".encode(),
        "not gzip": answer(BODY, status, "Content-Encoding: gzip"),
        "cut gzip": _compressed(status, gzip.compress(BODY.encode())[:11], "gzip"),
        "gzip without its end": _compressed(status, gzip.compress(BODY.encode())[:-6], "gzip"),
        "gzip and more": _compressed(status, gzip.compress(b"") + b"{}", "gzip"),
        "cut deflate": _compressed(status, zlib.compress(BODY.encode())[:3], "deflate"),
        "an unknown encoding": _compressed(status, BODY.encode(), "br"),
        "a length that is none": f"HTTP/1.1 {status}\r\nContent-Length: many\r\n\r\n".encode(),
        "no colon": f"HTTP/1.1 {status}\r\ngarbage\r\nContent-Length: 50\r\n\r\n".encode(),
        "two encodings": f"HTTP/1.1 {status}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n".encode(),
        "two lengths": answer(BODY, status, "Content-Length: 7"),
        "cut in the headers": f"HTTP/1.1 {status}\r\nContent-Type: applica".encode(),
        "many headers": answer(BODY, status, *[f"X-{n}: {n}" for n in range(200)]),
        "a long header": answer(BODY, status, "X: " + "x" * 70_000),
    }[how]


def _compressed(status: str, body: bytes, encoding: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


HOW = (
    "cut gzip", "gzip without its end", "gzip and more", "cut deflate", "an unknown encoding",
    "a length that is none", "no colon", "two encodings",
    "cut short", "cut in a chunk", "no chunk", "not gzip", "two lengths", "cut in the headers",
    "many headers", "a long header",
)  # fmt: skip


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize(
    ("status", "kind"),
    [("401 Unauthorized", "rejected"), ("429 Slow", "unavailable"), ("200 OK", "unknown")],
)
def test_a_damaged_answer_keeps_its_status(how: str, status: str, kind: str) -> None:
    """The status line counts even where headers or body break; 2xx in pieces confirms nothing."""

    def script(connection: socket.socket, *_: Any) -> None:
        connection.sendall(_broken(status, how))
        connection.shutdown(socket.SHUT_WR)

    with wire(script) as server:
        api = PolicyApi(make_settings(base_url=server.url))
        outcomes = [api.create_policy("e", {"n": 1}), api.trigger_circuit_breaker("e", "p", "x")]
    for outcome in outcomes:
        assert outcome.http_status == int(status[:3]), outcome
        assert outcome.kind == kind, outcome
        assert outcome.requests_sent == 1
    if how in ("cut short", "cut in a chunk") and not status.startswith("200"):
        assert outcomes[0].response == json.loads(BODY)


def test_a_compressed_answer_that_is_whole_is_read() -> None:
    """A server that compresses unasked is understood, when all of it has come."""
    body = gzip.compress(b'{"policy_id": "pol-1"}')
    with wire(lambda c, *_: c.sendall(_compressed("200 OK", body, "gzip"))) as server:
        api = PolicyApi(make_settings(base_url=server.url))
        assert api.create_policy("e", {"n": 1}).policy_id == "pol-1"


def test_headers_that_drip_end_at_the_timeout() -> None:
    """The timeout is for the whole answer: a head that drips does not prolong it."""
    slow = b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 500
    with wire(lambda connection, *_: drip(connection, slow, 0.05)) as server:
        api = PolicyApi(make_settings(base_url=server.url, timeout_seconds=1))
        begun = time.monotonic()
        outcome = api.create_policy("e", {"n": 1})
        assert time.monotonic() - begun < 4
    assert outcome.kind == "unknown"


@pytest.mark.parametrize(
    "line",
    [
        "HTTP/1.1 SSLError",
        "NewConnectionError",
        "HTTP/1.1 200Failed to establish",
        "\x1b[31m::error::x",
    ],
)
def test_what_the_server_says_decides_no_class(line: str) -> None:
    """A request that the server read was sent, whatever the words of the answer are."""

    def script(connection: socket.socket, *_: Any) -> None:
        connection.sendall(f"{line} Name or service not known\r\n\r\n".encode())
        connection.shutdown(socket.SHUT_WR)

    with wire(script) as server:
        outcome = PolicyApi(make_settings(base_url=server.url)).create_policy("e", {"n": 1})
    assert (outcome.kind, outcome.error_class) == ("unknown", "NoAnswer")
    assert outcome.message.isprintable()


def _reset(connection: socket.socket, *_: Any) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _tls_garbage(connection: socket.socket, *_: Any) -> None:
    assert isinstance(connection, ssl.SSLSocket)
    raw = socket.socket(fileno=connection.detach())
    raw.sendall(b"\x17\x03\x03\x00\x10" + b"garbage-garbage-")
    raw.shutdown(socket.SHUT_WR)


def test_a_tls_record_that_breaks_after_the_request_leaves_its_outcome_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TLS that fails after the request was read is no failure to connect."""
    context, trusted = certificate(tmp_path)
    monkeypatch.setattr(procedures.http.transport, "DEFAULT_CA_BUNDLE_PATH", str(trusted))
    with wire(_tls_garbage, context) as server:
        api = PolicyApi(make_settings(base_url=server.url))
        outcome = api.create_policy("e", {"n": 1})
        assert len(server.bodies) == 1
    assert (outcome.kind, outcome.error_class) == ("unknown", "NoAnswer"), outcome
    assert "SSL" in outcome.message


def test_requests_go_over_tls_that_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate of the bundle is taken for its own name only, and another certificate never."""
    context, trusted = certificate(tmp_path)
    with wire(
        lambda connection, _, body: connection.sendall(answer(_own_id(body))), context
    ) as server:
        refused = PolicyApi(make_settings(base_url=server.url)).create_policy("e", {"n": 1})
        monkeypatch.setattr(procedures.http.transport, "DEFAULT_CA_BUNDLE_PATH", str(trusted))
        named = server.url.replace("127.0.0.1", "localhost")
        misnamed = PolicyApi(make_settings(base_url=named)).create_policy("e", {"n": 1})
        assert server.bodies == []
        taken = PolicyApi(make_settings(base_url=server.url)).create_policy("e", {"n": 7})
    for outcome in (refused, misnamed):
        assert (outcome.kind, outcome.error_class) == ("unavailable", "ConnectionFailed"), outcome
        # The second word is urllib3's before 2.0, which compares the name itself.
        assert re.search("CERTIFICATE_VERIFY_FAILED|CertificateError", outcome.message)
    assert taken.policy_id == "pol-7"


def test_a_reset_after_the_request_is_unknown() -> None:
    """A request that the API read before it broke off is an unknown outcome."""
    with wire(_reset) as server:
        outcome = PolicyApi(make_settings(base_url=server.url)).create_policy("e", {"n": 1})
    assert (outcome.kind, outcome.error_class) == ("unknown", "NoAnswer")


@pytest.mark.parametrize(
    ("error", "error_class"),
    [
        (
            socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
            "NameNotResolved",
        ),
        # Snowflake's error for a host that no rule allows (docs/snowflake_facts.md#egress-errors).
        (OSError(errno.EBUSY, "Device or resource busy"), "NameNotResolved"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "ConnectionFailed"),
        (TimeoutError("timed out"), "ConnectionFailed"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "ConnectionFailed"),
    ],
)
def test_what_never_left_is_sent_again(
    monkeypatch: pytest.MonkeyPatch, error: OSError, error_class: str
) -> None:
    """Without a connection nothing was processed: a POST is repeated, and never 'unknown'."""

    def refuse(*_: Any, **__: Any) -> socket.socket:
        raise error

    monkeypatch.setattr(urllib3.util.connection, "create_connection", refuse)
    monkeypatch.setattr("procedures.http.policy_api.backoff", lambda _: 0.0)
    outcome = PolicyApi(make_settings(max_retries=2)).create_policy("e", {"n": 1})
    assert (outcome.kind, outcome.error_class) == ("unavailable", error_class)
    assert outcome.requests_sent == 3
    assert "network rule" in outcome.message


def test_a_request_that_cannot_be_made_is_not_sent() -> None:
    """An error before anything was sent is reported as such, and is no unknown outcome."""
    with wire(lambda *_: None) as server:
        api = PolicyApi(make_settings(base_url=server.url))
        for policy in ({"n": float("inf")}, {"n": "\ud800"}, {"n": {1, 2}}):
            outcome = api.create_policy("e", policy)
            assert (outcome.kind, outcome.error_class) == ("rejected", "InvalidRequest")
            assert outcome.requests_sent == 0
        assert server.connections == 0
