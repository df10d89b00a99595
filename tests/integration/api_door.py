"""A port before the policy API, which can let connections through, refuse them, or ignore them."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

# The most connections that wait to be accepted while the door is open.
BACKLOG = 256


class Door:
    """Passes connections on to a port of this machine, each in threads of its own.

    The procedures send each request over a connection of its own, so that a number of connections
    is a number of requests.

    Args:
        port: where the API listens.

    """

    def __init__(self, port: int) -> None:
        self._to = port
        self._place: tuple[str, int] = ("127.0.0.1", 0)
        self._waiting: list[socket.socket] = []
        self._passes = 0
        self._then = ""
        # When the door was closed, a `time.time()`.
        self.closed_at = 0.0
        self._listening = self._listen(BACKLOG)
        self._place = self._listening.getsockname()
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    @property
    def port(self) -> int:
        """The port of the door."""
        return self._place[1]

    def close_after(self, connections: int, fault: str) -> None:
        """Close the door when so many more connections have passed.

        Args:
            connections: how many.
            fault: "refused", or "black hole": then a connection is neither made nor refused.

        """
        self._passes, self._then = connections, fault
        if not connections:
            self._close()

    def open(self) -> None:
        """Let connections through again."""
        self._end()
        self._then = ""
        self._listening = self._listen(BACKLOG)
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def end(self) -> None:
        """Give up the port."""
        self._then = ""
        self._end()

    def _listen(self, backlog: int) -> socket.socket:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(self._place)
        listening.listen(backlog)
        return listening

    def _end(self) -> None:
        for one in (self._listening, *self._waiting):
            # A thread that accepts wakes up by this only.
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._waiting = []

    def _close(self) -> None:
        self._end()
        if self._then == "black hole":
            # Nobody accepts, and the queue is full.
            self._listening = self._listen(0)
            self._waiting = [socket.socket() for _ in range(3)]
            for one in self._waiting:
                one.setblocking(False)
                one.connect_ex(self._place)
        self.closed_at = time.time()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()
            if self._then:
                self._passes -= 1
                if not self._passes:
                    self._close()
                    return

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._to)) as api, suppress(OSError):
            back = threading.Thread(target=_copy, args=(api, client), daemon=True)
            back.start()
            _copy(client, api)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
