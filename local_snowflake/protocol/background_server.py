"""An HTTP server in a thread of this process."""

from __future__ import annotations

import socket
import threading
import time

import uvicorn
from starlette.applications import Starlette


class BackgroundServer:
    """Serves an application in a thread until it is stopped.

    Args:
        application: what answers.
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.
        keep_alive_seconds: how long an idle connection stays open.

    Raises:
        OSError: when the port cannot be used.

    """

    def __init__(
        self, application: Starlette, host: str, port: int, keep_alive_seconds: int = 60
    ) -> None:
        # The socket is named as TCP, so that asyncio switches off Nagle's algorithm.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        self.port = int(listener.getsockname()[1])
        config = uvicorn.Config(
            application,
            log_config=None,
            lifespan="off",
            access_log=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=keep_alive_seconds,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, daemon=True
        )
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)

    def stop(self) -> None:
        """Stop answering; requests under way have a second to end."""
        self._server.should_exit = True
        self._thread.join(timeout=10)
