"""What tests can order the local policy API to put on the wire, as a client's socket sees it."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
import requests
import yaml

from local_stack.policy_api import PolicyApi
from local_stack.policy_api.behaviours import Behaviour
from local_stack.policy_api.server import DESCRIPTION

pytestmark = pytest.mark.slow

OK = b"HTTP/1.1 200 OK\r\n"
SECOND_ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
# Long enough to differ from no wait, short enough to wait for.
SECONDS = 0.2
INTERIM = {
    100: b"HTTP/1.1 100 Continue\r\n\r\n",
    102: b"HTTP/1.1 102 Processing\r\n\r\n",
    103: b"HTTP/1.1 103 Early Hints\r\nLink: </policies.css>; rel=preload\r\n\r\n",
    199: b"HTTP/1.1 199 \r\n\r\n",
}


@pytest.fixture
def api(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[PolicyApi]:
    """Run an API of its own; neither uvicorn nor asyncio may complain while it runs."""
    with PolicyApi() as running:
        yield running
    complaints = [record.getMessage() for record in caplog.get_records("call")]
    assert (complaints, "".join(capfd.readouterr())) == ([], "")


class _Client:
    """A connection that stays open, and what came on it."""

    def __init__(self, api: PolicyApi) -> None:
        self.socket = socket.create_connection((api.host, api.port), timeout=5)
        self.lines = self.socket.makefile("rb")

    def __enter__(self) -> _Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.lines.close()
        self.socket.close()

    def ask(self, *headers: str) -> None:
        """Send a request."""
        body = '{"policy_name": "n"}'
        length = f"Content-Length: {len(body)}"
        head = ["POST /createpolicy HTTP/1.1", "Host: api", length, *headers, "", body]
        self.socket.sendall("\r\n".join(head).encode())

    def answer(self) -> tuple[bytes, bytes]:
        """Read head and body of one answer, as far as its Content-Length says."""
        head = length = b""
        while (line := self.lines.readline()) not in (b"\r\n", b""):
            head += line
            if line.lower().startswith(b"content-length:"):
                length = line.split(b":")[1]
        return head, self.lines.read(int(length or b"0"))

    def created(self) -> bool:
        """Whether an answer comes that says that a policy was created."""
        head, body = self.answer()
        return head.startswith(OK) and "policy_id" in json.loads(body)

    def rest(self) -> bytes:
        """Read until the connection is closed; a reset is an error."""
        return self.lines.read()


@pytest.fixture
def client(api: PolicyApi) -> Iterator[_Client]:
    """Connect to the API."""
    with _Client(api) as connected:
        yield connected


# --- interim answers ------------------------------------------------------------------------------


@pytest.mark.parametrize("interim", [[103], [102, 103], [100], [199, 100, 100]])
def test_interim_answers_come_before_the_answer(
    api: PolicyApi, client: _Client, interim: list[int]
) -> None:
    """They and the answer come in the order asked for, and the connection can be used again."""
    api.order(interim=interim, times=1)
    for expected in (b"".join(INTERIM[status] for status in interim), b""):
        client.ask()
        assert client.lines.read(len(expected)) == expected
        assert client.created()
    assert [entry.status for entry in api.journal()] == [200, 200]


def test_the_answer_comes_later_than_the_interim_ones(api: PolicyApi, client: _Client) -> None:
    """The interim answer is there at once, the answer after the time that was ordered."""
    api.order(interim=[103], interim_seconds=SECONDS)
    client.ask()
    assert client.socket.recv(4096) == INTERIM[103]
    begun = time.monotonic()
    assert client.created()
    assert time.monotonic() - begun > SECONDS / 2


def test_interim_answers_come_before_a_body_that_drips(api: PolicyApi, client: _Client) -> None:
    """They go with the other ways to answer."""
    api.order(interim=[102], drip_seconds=0.001, body="ab")
    client.ask("Connection: close")
    assert client.lines.read(len(INTERIM[102])) == INTERIM[102]
    assert client.rest().endswith(b"\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n")


@pytest.mark.parametrize("when", ["before", "during"])
def test_interim_answers_come_before_a_reset(api: PolicyApi, client: _Client, when: str) -> None:
    """The reset comes after them, and the policy was created."""
    api.order(interim=[102], interim_seconds=SECONDS, reset=when)
    client.ask()
    assert client.lines.read(len(INTERIM[102])) == INTERIM[102]
    with pytest.raises(ConnectionResetError):
        client.rest()
    assert len(api.policies.effects()) == 1


def test_interim_answers_come_before_a_hang(api: PolicyApi) -> None:
    """They can be all that ever comes."""
    with _Client(api) as client:
        api.order(interim=[102, 103], hang=True)
        client.ask()
        assert client.lines.read(len(INTERIM[102] + INTERIM[103])) == INTERIM[102] + INTERIM[103]
        client.socket.settimeout(SECONDS)
        with pytest.raises(TimeoutError):
            client.rest()
    (entry,) = api.journal()
    assert (entry.status, entry.effect) == (None, True)


# --- raw answers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (SECOND_ANSWER, 200),
        (SECOND_ANSWER.replace(": 2", ": 200"), 200),
        (SECOND_ANSWER.replace(": 2", ": 1"), 200),
        (SECOND_ANSWER.replace(": 2", ": two"), 200),
        (SECOND_ANSWER + SECOND_ANSWER, 200),
        ("HTTP/1.0 503\nRetry-After: 1\n\n", 503),
        ("HTTP/9 042  x\r\n\r\n\xff\x00\x80 \udcff", 42),
        ("HTTP/1.1 2OO OK\r\n\r\n", None),
        ("HTTP/1.1 ", None),
        ("HTTP/1.1 " + "9" * 5000, None),
        ("SSH-2.0-OpenSSH_9.6\r\n", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_a_raw_answer_goes_on_the_wire_as_it_is(
    api: PolicyApi, client: _Client, raw: str, status: int | None, connection: str
) -> None:
    """Not a byte is added, the connection is closed after it, and the policy was created."""
    api.order(raw=raw)
    client.ask(f"Connection: {connection}")
    assert client.rest() == raw.encode("latin-1", "surrogateescape")
    (entry,) = api.journal()
    assert (entry.status, entry.effect, len(api.policies.effects())) == (status, True, 1)


def test_a_raw_answer_can_be_without_effect(api: PolicyApi, client: _Client) -> None:
    """No policy is created where the order says so."""
    api.order(raw=SECOND_ANSWER, effect=False)
    client.ask()
    assert client.rest() == SECOND_ANSWER.encode()
    assert api.policies.effects() == []


def test_a_raw_answer_can_be_large(api: PolicyApi, client: _Client) -> None:
    """The connection is not closed before all is written, though the client reads it late."""
    raw = SECOND_ANSWER + "x" * 20_000_000
    api.order(raw=raw)
    client.ask()
    # The control endpoint answers after the raw answer has filled the connection's buffers.
    assert client.lines.read(1) == b"H"
    assert requests.get(f"{api.base_url}/_control/policies", timeout=5).ok
    assert b"H" + client.rest() == raw.encode()


def test_a_raw_answer_comes_after_interim_ones(api: PolicyApi, client: _Client) -> None:
    """They come first, as before any other answer."""
    api.order(interim=[103, 103], raw=SECOND_ANSWER)
    client.ask()
    assert client.rest() == INTERIM[103] * 2 + SECOND_ANSWER.encode()


# --- stray bytes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0.0, SECONDS])
@pytest.mark.parametrize("stray", [SECOND_ANSWER, "\xff\x00 more than was said"])
def test_stray_bytes_follow_the_answer(
    api: PolicyApi, client: _Client, stray: str, seconds: float
) -> None:
    """They come after the time that was ordered, and the next request is answered after them."""
    api.order(stray=stray, stray_seconds=seconds, times=1)
    client.ask()
    assert client.created()
    begun = time.monotonic()
    assert client.lines.read(len(stray)) == stray.encode("latin-1")
    assert time.monotonic() - begun > seconds / 2 or not seconds
    client.ask()
    assert client.created()


def test_stray_bytes_come_into_the_wait_for_the_next_answer(
    api: PolicyApi, client: _Client
) -> None:
    """A client that has asked again by then finds them where the next answer should be."""
    api.order(latency_seconds=2 * SECONDS)
    api.order(stray=SECOND_ANSWER, stray_seconds=SECONDS, times=1)
    client.ask()
    assert client.created()
    client.ask()
    assert client.answer()[1] == b"{}"
    assert client.created()


@pytest.mark.parametrize("order", [{}, {"http_status": 204}, {"drip_seconds": 0.001}])
@pytest.mark.parametrize("seconds", [0.0, SECONDS])
def test_stray_bytes_reach_a_client_that_wants_to_close(
    api: PolicyApi, client: _Client, order: dict[str, Any], seconds: float
) -> None:
    """The connection stays open though the client asked for it to be closed, as procedures do."""
    api.order(stray="stray", stray_seconds=seconds, **order)
    client.ask("Connection: close")
    came = more = b" "
    while more and not came.endswith(b"stray"):
        more = client.socket.recv(4096)
        came += more
    assert came.endswith(b"stray")
    client.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        client.socket.recv(1)


# --- clients that are gone ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "order",
    [
        {"stray": "x" * 1000, "stray_seconds": SECONDS},
        {"interim": [103], "interim_seconds": SECONDS},
        {"interim": [103], "interim_seconds": SECONDS, "raw": SECOND_ANSWER},
        {"interim": [103], "interim_seconds": SECONDS, "stray": "x"},
        {"interim": [103], "interim_seconds": SECONDS, "reset": "before"},
        {"interim": [103], "interim_seconds": SECONDS, "reset": "during"},
        {"interim": [103], "latency_seconds": SECONDS},
    ],
)
@pytest.mark.parametrize("leaves", ["reads and closes", "closes", "resets"])
@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_a_client_may_be_gone(
    api: PolicyApi, order: dict[str, Any], leaves: str, connection: str
) -> None:
    """Nothing happens to a server whose client closes, or resets, the connection meanwhile."""
    api.order(latency_seconds=2 * SECONDS)
    api.order(times=1, **order)
    with _Client(api) as client:
        client.ask(f"Connection: {connection}")
        if leaves == "reads and closes" and "latency_seconds" not in order:
            assert client.lines.readline()
        if leaves == "resets":
            linger = struct.pack("ii", 1, 0)
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        # A reset could take back a request that the server has not read yet.
        while not api.journal():
            time.sleep(0.001)
    # Answered when the other answer's time has come.
    with _Client(api) as later:
        later.ask()
        assert later.created()
    assert len(api.policies.effects()) == 2


# --- orders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "wrong"),
    [
        ({"interim": 103}, "interim"),
        ({"interim": None}, "interim"),
        ({"interim": ["103"]}, "interim"),
        ({"interim": [True]}, "interim"),
        ({"interim": [102, 99]}, "interim"),
        ({"interim": [200]}, "interim"),
        ({"interim": [101]}, "switch protocols"),
        ({"interim": [103], "interim_seconds": -1}, "interim_seconds"),
        ({"stray": "x", "stray_seconds": "1"}, "stray_seconds"),
        ({"stray": "x", "stray_seconds": None}, "stray_seconds"),
        ({"raw": 200}, "raw must be a text"),
        ({"raw": "\u20ac"}, "raw must be a text"),
        ({"raw": "\ud83d"}, "raw must be a text"),
        ({"stray": ["x"]}, "stray must be a text"),
        ({"raw": "x", "http_status": 200}, "http_status"),
        ({"raw": "x", "body": ""}, "body"),
        ({"raw": "x", "reset": "before"}, "reset"),
        ({"raw": "x", "stray": ""}, "stray"),
        ({"stray": "x", "reset": "during"}, "stray"),
    ],
)
def test_wrong_orders_are_refused(api: PolicyApi, order: dict[str, Any], wrong: str) -> None:
    """What cannot be put on the wire is refused with the reason, and not ordered."""
    answer = requests.put(f"{api.base_url}/_control/behaviours", json=[order], timeout=5)
    assert answer.status_code == 400
    assert wrong in answer.json()["error"]
    assert api.behaviours.pick("create", None) is None


def test_orders_come_over_http_as_they_are(api: PolicyApi, client: _Client) -> None:
    """Bytes that are no text survive the control endpoint, and nothing needs to be ordered."""
    order = {"raw": "HTTP/1.1 200 OK\r\n\r\n\udcff\xfe", "body": None, "stray": None, "times": 1}
    assert requests.put(f"{api.base_url}/_control/behaviours", json=[order], timeout=5).ok
    client.ask()
    assert client.rest() == OK + b"\r\n\xff\xfe"


def test_the_description_lists_what_can_be_ordered() -> None:
    """The OpenAPI file and `Behaviour` have the same fields in the same order."""
    schemas = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))["components"]["schemas"]
    assert list(schemas["Behaviour"]["properties"]) == [item.name for item in fields(Behaviour)]
