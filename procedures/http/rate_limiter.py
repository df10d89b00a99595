"""Limits how fast requests go to the API: by Retry-After, and by the registered rate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# A pause may grow during the wait, so a waiting thread looks at it again this often.
LOOK_AGAIN_SECONDS = 1.0


class HeldTooLongError(Exception):
    """The API asked for a pause that is longer than a call may take; nothing was sent."""

    def __init__(self, seconds: float, status: int) -> None:
        super().__init__(f"the API asked for a pause of {seconds:.0f} more seconds")
        self.status = status


class RateLimiter:
    """Spaces the requests of all threads to one host.

    Args:
        requests_per_second: the most requests in a second, evenly spaced, also below 1; None means
            no limit.

    """

    def __init__(self, requests_per_second: float | None = None) -> None:
        self._lock = threading.Lock()
        self._interval = 1 / requests_per_second if requests_per_second else 0.0
        self._next_turn = 0.0
        # When the request after the last one that had its turn may leave.
        self._free_at = 0.0
        self._held_until = 0.0
        self._status = 0

    def hold(self, seconds: float, status: int) -> None:
        """Hold all requests back: a Retry-After of one answer counts for the whole host.

        Args:
            seconds: how long, from Retry-After (RFC 9110, 10.2.3).
            status: the HTTP status of the answer.

        """
        with self._lock:
            until = time.monotonic() + seconds
            if until > self._held_until:
                self._held_until, self._status = until, status

    def held(self) -> float:
        """Seconds until the API takes requests again; 0 when it does now."""
        return max(0.0, self._held_until - time.monotonic())

    def rest(self) -> float:
        """Seconds until a request of a later call may be sent, by pause and by rate."""
        return max(self.held(), self._free_at - time.monotonic(), 0.0)

    def wait_for_turn(
        self, longest_hold: float, may_begin: Callable[[], None] = lambda: None
    ) -> None:
        """Wait until a request may be sent.

        Args:
            longest_hold: the longest pause of the API that is waited for, in seconds.
            may_begin: called again and again during the wait; what it raises ends the wait.

        Raises:
            HeldTooLongError: when the API's pause is not over within `longest_hold` seconds.

        """
        with self._lock:
            turn = max(time.monotonic(), self._next_turn)
            self._next_turn = turn + self._interval
        while True:
            held = self.held()
            if held >= longest_hold:
                raise HeldTooLongError(held, self._status)
            may_begin()
            left = max(held, turn - time.monotonic())
            if left <= 0:
                self._free_at = max(self._free_at, turn + self._interval)
                return
            time.sleep(min(left, LOOK_AGAIN_SECONDS))
