"""Passes requests on to an API, and keeps the bytes that came."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress
from typing import Self

from tests.integration.described_apis.described_api import HOST

_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)


class RecordingProxy:
    """A proxy on this machine, in a thread.

    Each request has a connection of its own, so one connection is one request.

    Args:
        host: of the API.
        port: of the API.

    """

    def __init__(self, host: str, port: int) -> None:
        self._upstream = (host, port)
        self._requests: list[bytes] = []
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone does not wake a thread that waits in accept.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def base_url(self) -> str:
        """Its address."""
        return f"http://{HOST}:{self.port}"

    def taken(self) -> list[bytes]:
        """The requests since the last time, in order."""
        found, self._requests = self._requests, []
        return found

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(connection,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._upstream) as api, suppress(OSError):
            request = _whole_request(client)
            if not request:
                return
            self._requests.append(request)
            api.sendall(request)
            while part := api.recv(65536):
                client.sendall(part)


def _whole_request(client: socket.socket) -> bytes:
    data = b""
    while part := client.recv(65536):
        data += part
        head, ended, body = data.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if ended and len(body) >= (int(length[1]) if length else 0):
            break
    return data
