"""Sends one request over a connection of its own, within a limit of time.

HTTP/1.1 does not say to which request an answer belongs: a client takes the next bytes on a
connection for the next answer. A server that answers twice, sends an interim answer late, or sends
more than its Content-Length says would answer another policy's request. So no connection is used
twice. This also avoids a race: a server may close an idle connection just when a POST is sent, and
the outcome of the POST would be unknown (RFC 9112, 9.3.1).
"""

from __future__ import annotations

import http.client
import io
import re
import ssl
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, extract_zipped_paths
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context
from urllib3.util.timeout import Timeout

from procedures.domain.ownership import NotPermittedError

# What is wrong with every answer that has the HTTP status 206.
PARTIAL_CONTENT = "it is a part of one"
MAX_RESPONSE_BYTES = 1024 * 1024
# The least time that an attempt gets once it has started.
SHORTEST_ATTEMPT_SECONDS = 0.05
# The most interim answers (1xx) before the real answer; servers send one or two.
MAX_INTERIM_ANSWERS = 16


@dataclass
class Attempt:
    """What is known of one request while it is under way.

    `limit` is the time at which the request must be over, a `time.monotonic()`. `connecting` and
    `sent` say how far the request came: a request of which nothing was sent cannot have been
    processed. `status` is the HTTP status, as soon as the status line was read. `unclear` says that
    the head of the answer does not define where the body ends. `body` is the response that reads
    the body. `check` is called just before the request is sent, and says whether it may be sent.
    """

    limit: float
    check: Callable[[], None] | None = None
    connecting: bool = False
    sent: bool = False
    status: int | None = None
    unclear: bool = False
    body: http.client.HTTPResponse | None = None

    def leaves(self) -> None:
        """Note that sending begins; the time that `check` takes does not count for the limit.

        Raises:
            NotPermittedError: when the request must not be sent.

        """
        if not self.sent and self.check:
            begun = time.monotonic()
            self.check()
            self.limit += time.monotonic() - begun
        self.sent = True

    def remaining(self) -> float:
        """Seconds until the limit, and at least SHORTEST_ATTEMPT_SECONDS."""
        return max(SHORTEST_ATTEMPT_SECONDS, self.limit - time.monotonic())


@dataclass(frozen=True)
class Answer:
    """What a server answered, as far as the answer arrived.

    `headers` has names in lower case. `problem` says why the body is not whole; None when the body
    is whole. `too_slow` and `too_large` say which of two limits cut the body.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None
    too_slow: bool = False
    too_large: bool = False


class NoAnswerError(Exception):
    """No HTTP status came back; the error's `__cause__` says why.

    Args:
        attempt: how far the request came.

    """

    def __init__(self, attempt: Attempt) -> None:
        super().__init__("no answer")
        self.attempt = attempt


# The attempt of this thread. urllib3 makes the classes below, so that no argument can carry it.
_attempt: ContextVar[Attempt] = ContextVar("attempt")


class Transport:
    """Sends requests; safe to use from several threads.

    Args:
        connections: how many connections may be open at once.
        headers: the headers of every request.
        tls: whether requests go to https addresses.

    """

    def __init__(self, connections: int, headers: dict[str, str], *, tls: bool) -> None:
        self._adapter = _OneRequestAdapter(connections, tls=tls)
        self._session = requests.Session()
        # Proxies and .netrc of the environment are no part of the registration.
        self._session.trust_env = False
        # A compressed answer that broke off could pass for a shorter whole answer.
        own = {"Connection": "close", "Accept-Encoding": "identity"}
        self._session.headers.update({**headers, **own})

    def close(self) -> None:
        """Close all connections."""
        self._adapter.close()

    def exchange(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        data: bytes | None,
        limit: float,
        check: Callable[[], None] | None = None,
    ) -> Answer:
        """Send one request, once.

        Args:
            method: the HTTP method.
            url: the address.
            headers: the headers of this request.
            data: the body.
            limit: when the whole answer must have arrived, a `time.monotonic()`.
            check: raises NotPermittedError when the request must not be sent.

        Raises:
            NotPermittedError: by `check`; nothing was sent.
            ValueError: when the arguments make no legal request; nothing was sent.
            NoAnswerError: when no HTTP status came back.

        """
        request = self._session.prepare_request(
            requests.Request(method, url, headers=headers, data=data)
        )
        attempt = Attempt(limit, check)
        _attempt.set(attempt)
        seconds = attempt.remaining()
        try:
            response = self._adapter.send(
                request,
                stream=True,
                # requests takes urllib3's Timeout as it is; its type hints do not say so.
                timeout=Timeout(connect=seconds, read=seconds),  # type: ignore[arg-type]
                verify=True,
            )
        except NotPermittedError:
            raise
        except Exception as error:
            if attempt.status is not None:
                return Answer(attempt.status, problem="its headers cannot be read")
            if isinstance(error, ValueError) and not attempt.sent:
                raise
            raise NoAnswerError(attempt) from error
        try:
            return _read(response, attempt)
        finally:
            with suppress(Exception):
                response.close()


def _read(response: requests.Response, attempt: Attempt) -> Answer:
    parts: list[bytes] = []
    problem = None
    too_slow = False
    size = 0
    try:
        while size <= MAX_RESPONSE_BYTES and (part := _arrived(response, attempt)):
            parts.append(part)
            size += len(part)
    except TimeoutError:
        too_slow = True
        problem = "it is not complete within the timeout"
    except Exception as error:  # noqa: BLE001  # the status counts, whatever the body does
        problem = f"its body is damaged ({type(error).__name__})"
    too_large = size > MAX_RESPONSE_BYTES
    if too_large:
        problem = f"it is longer than {MAX_RESPONSE_BYTES} bytes"
    headers = response.headers
    body = b"".join(parts)[:MAX_RESPONSE_BYTES]
    if not problem and (encoding := str(headers.get("Content-Encoding", "")).strip().lower()):
        body, problem = _decoded(body, encoding)
    if not problem and attempt.unclear:
        problem = "its head leaves open where its body ends"
    if not problem and response.status_code == 206:
        problem = PARTIAL_CONTENT
    return Answer(
        status=response.status_code,
        body=body,
        headers={str(name).lower(): str(value) for name, value in headers.items()},
        problem=problem,
        too_slow=too_slow,
        too_large=too_large,
    )


def _arrived(response: requests.Response, attempt: Attempt) -> bytes:
    """Read what has arrived of a body, so that nothing is lost when the body breaks off.

    This reads below urllib3, whose versions differ in what they return of a body in pieces.
    """
    if not attempt.body:  # another adapter is in use, as in tests
        whole: bytes = response.raw.read(65536, decode_content=False)
        return whole
    part = attempt.body.read1(65536)
    if not part and attempt.body.length:
        raise http.client.IncompleteRead(part, attempt.body.length)
    return part


def _decoded(body: bytes, encoding: str) -> tuple[bytes, str | None]:
    """Undo a Content-Encoding that was not asked for, and check that the body is whole.

    Returns:
        The body, as far as it can be read, and the problem, or None.

    """
    if encoding == "identity":
        return body, None
    if encoding not in ("gzip", "x-gzip", "deflate"):
        return body, "it has a Content-Encoding that was not asked for"
    # 32: with the header of gzip or of zlib.
    decoder = zlib.decompressobj(wbits=32 + zlib.MAX_WBITS)
    try:
        text = decoder.decompress(body, MAX_RESPONSE_BYTES + 1)
    except zlib.error:
        return body, "its body is not what its Content-Encoding says"
    if len(text) > MAX_RESPONSE_BYTES:
        return b"", f"it is longer than {MAX_RESPONSE_BYTES} bytes"
    whole = decoder.eof and not decoder.unused_data
    return text, None if whole else "its compressed body is not whole"


class _LimitedReader(io.RawIOBase):
    """Reads from a socket, but never past the attempt's limit, however slowly the bytes arrive."""

    def __init__(self, file: Any, socket: Any, attempt: Attempt) -> None:
        self._file = file
        self._socket = socket
        self._within = attempt
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._within.limit - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._socket.settimeout(left)
        count: int = self._file.readinto(buffer)
        self.ended = not count
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


class _FinalResponse(http.client.HTTPResponse):
    """Skips interim answers, and ends its connection."""

    def __init__(self, sock: Any, *rest: Any, **more: Any) -> None:
        super().__init__(sock, *rest, **more)
        self._of = _attempt.get()
        self._reader = _LimitedReader(self.fp.detach(), sock, self._of)
        self.fp = io.BufferedReader(self._reader)

    def begin(self) -> None:
        """Read the head of the real answer: http.client skips only status 100 (RFC 9110, 15.2)."""
        for _ in range(MAX_INTERIM_ANSWERS + 1):
            try:
                super().begin()
            finally:
                if isinstance(self.status, int) and self.status >= 200:
                    self._of.status = self.status
            if self._reader.ended:
                # http.client takes the end of the connection for the end of the head.
                raise http.client.HTTPException("the head of the answer broke off")
            if not 100 <= self.status < 200 or self.status == 101:
                self._of.unclear = not self._says_where_it_ends()
                self._of.body = self
                # Otherwise urllib3 would keep the connection for another request.
                self.will_close = True
                return
            self.headers = self.msg = None  # type: ignore[assignment]
        raise http.client.HTTPException(f"over {MAX_INTERIM_ANSWERS} interim answers")

    def _says_where_it_ends(self) -> bool:
        """Whether the head defines where the body ends (RFC 9112, 6.3).

        http.client ignores a length that it cannot read, and all headers after a header without a
        colon: then the end of the connection would pass for the end of the body.
        """
        lengths = self.headers.get_all("Content-Length", [])
        encodings = self.headers.get_all("Transfer-Encoding", [])
        return (
            not self.headers.defects
            and all(re.fullmatch(r"[0-9]{1,18}", length.strip()) for length in lengths)
            and [encoding.strip().lower() for encoding in encodings] in ([], ["chunked"])
        )


class _NotesProgress:
    """Notes in the attempt how far the request came."""

    sock: Any

    def connect(self) -> None:
        _attempt.get().connecting = True
        super().connect()  # type: ignore[misc]

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _attempt.get().leaves()
        super().send(data)  # type: ignore[misc]


class _Connection(_NotesProgress, HTTPConnection):
    """A connection without TLS."""

    response_class = _FinalResponse


class _TlsConnection(_NotesProgress, HTTPSConnection):
    """A connection with TLS."""

    response_class = _FinalResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _OneRequestAdapter(HTTPAdapter):
    """Connects requests with urllib3, with the connections above and one TLS context for all.

    By itself requests loads the certificates for each connection, which takes longer than a
    request.
    """

    def __init__(self, connections: int, *, tls: bool) -> None:
        self._tls = tls
        super().__init__(pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        if self._tls:
            bundle = extract_zipped_paths(DEFAULT_CA_BUNDLE_PATH)  # type: ignore[no-untyped-call]
            more["ssl_context"] = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
            more["ssl_context"].load_verify_locations(bundle)
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:  # noqa: ARG002
        """Take the certificates from the context; they are always checked."""
        conn.cert_reqs = "CERT_REQUIRED"
