"""A policy API of somebody else: it answers, always the same, and has no control endpoints."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ANSWER = {"policy_id": "pol_echo", "execution_id": "exec_echo", "status": "ready"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answer: Any = ANSWER
    accepted: Any = staticmethod(lambda: None)

    def setup(self) -> None:
        self.accepted()
        super().setup()

    def do_GET(self) -> None:
        self._respond()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._respond()

    def _respond(self) -> None:
        body = json.dumps(self.answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def echo_api(answer: Any = ANSWER, accepted: Callable[[], None] = lambda: None) -> Iterator[str]:
    """Run one, whatever is asked; gives its URL.

    Args:
        answer: what it answers.
        accepted: is called for each connection.

    """
    own = {"answer": answer, "accepted": staticmethod(accepted)}
    handler = type("_Answering", (_Handler,), own)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
