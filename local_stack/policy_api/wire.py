"""What an API that misbehaves puts on the wire before, instead of and after an answer."""

from __future__ import annotations

import asyncio
import http
import re
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from starlette.responses import Response, StreamingResponse

from local_stack.policy_api.behaviours import Behaviour, wire_bytes

HANG_SECONDS = 600.0


class OrderedResponse(Response):
    """An answer, with what was ordered to come before and after it.

    Args:
        answer: the answer itself.
        behaviour: the order.

    """

    def __init__(self, answer: Response, behaviour: Behaviour) -> None:
        super().__init__()
        self._answer = answer
        self._behaviour = behaviour

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Write all parts, in order."""
        ordered = self._behaviour
        if ordered.interim:
            interim = b"".join(_interim_answer(status) for status in ordered.interim)
            _write(_cycle(send).transport, interim)
            await asyncio.sleep(ordered.interim_seconds)
        if ordered.hang:
            await asyncio.sleep(HANG_SECONDS)
        if ordered.stray is None:
            await self._answer(scope, receive, send)
        else:
            await self._answer_and_stray(scope, receive, send, wire_bytes(ordered.stray))

    async def _answer_and_stray(self, scope: Any, receive: Any, send: Any, stray: bytes) -> None:
        cycle = _cycle(send)
        transport = cycle.transport
        cycle.transport = _KeptOpen(transport)
        await self._answer(scope, receive, send)
        if seconds := self._behaviour.stray_seconds:
            # Not awaited: for uvicorn the request is over, and the next one can be answered.
            asyncio.get_running_loop().call_later(seconds, _write, transport, stray)
        else:
            _write(transport, stray)


class RawResponse(Response):
    """Writes a text unchanged and closes the connection, without a reset.

    Args:
        raw: status line, headers and body, or anything else.

    """

    def __init__(self, raw: str) -> None:
        super().__init__(wire_bytes(raw))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG002
        """Write the text and close the connection."""
        transport = _cycle(send).transport
        _write(transport, bytes(self.body))
        # The connection closes when all is written.
        transport.close()
        await _connection_lost(receive)


class ResetResponse(Response):
    """Ends the connection with a TCP reset, before or in the middle of the answer."""

    def __init__(
        self, content: bytes, status: int, headers: dict[str, str], *, during: bool
    ) -> None:
        super().__init__(content, status, headers)
        self._during = during

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG002
        """Write half of the answer, or nothing, and reset the connection."""
        if self._during:
            await send(
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
            )
            half = bytes(self.body)[: len(self.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            await asyncio.sleep(0.05)
        transport = _cycle(send).transport
        # The client may be gone, and the socket closed.
        with suppress(OSError):
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        await _connection_lost(receive)


class DrippingResponse(StreamingResponse):
    """An answer whose body comes byte by byte."""

    def __init__(
        self, content: bytes, status: int, headers: dict[str, str], *, seconds: float
    ) -> None:
        super().__init__(_drip(content, seconds), status, headers)


def raw_status(raw: str) -> int | None:
    """The number in the status line of a raw answer, where there is a status line."""
    found = re.match(r"HTTP/\S* +([0-9]{1,9})(?!\S)", raw)
    return int(found[1]) if found else None


class _KeptOpen:
    """A connection that uvicorn cannot close.

    uvicorn would close the connection after the answer to a client that sent `Connection: close`,
    as the procedures do, and nothing could follow. The client or the stop still closes it.
    """

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def close(self) -> None:
        """Stay open."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def _interim_answer(status: int) -> bytes:
    try:
        phrase = http.HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    link = "Link: </policies.css>; rel=preload\r\n" if status == http.HTTPStatus.EARLY_HINTS else ""
    return f"HTTP/1.1 {status} {phrase}\r\n{link}\r\n".encode("ascii")


def _write(transport: Any, content: bytes) -> None:
    # asyncio warns where clients have often closed the connection by then.
    if not transport.is_closing():
        transport.write(content)


async def _connection_lost(receive: Any) -> None:
    # uvicorn complains of an application that returns without an answer, but not when the
    # connection has ended by then.
    while (await receive())["type"] != "http.disconnect":
        pass


def _cycle(send: Any) -> Any:
    """What uvicorn knows of a request: the object of the method `send`, which starlette wraps."""
    while not hasattr(send, "__self__"):
        send = next(cell.cell_contents for cell in send.__closure__ if callable(cell.cell_contents))
    return send.__self__


async def _drip(content: bytes, seconds: float) -> AsyncIterator[bytes]:
    for position in range(len(content)):
        await asyncio.sleep(seconds)
        yield content[position : position + 1]
