"""How long a call may take, and when it is sent again: urllib3's rules, bounded by a deadline.

A call is one request with its retries, all in one thread, so the clock that bounds it is kept
beside the thread and reaches the rules that requests gives to urllib3.
"""

from __future__ import annotations

import math
import random
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from urllib3.exceptions import MaxRetryError, ResponseError
from urllib3.util.retry import Retry
from urllib3.util.timeout import Timeout

from procedures.pace import Pace

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

# An attempt that starts has at least this long.
SHORTEST_ATTEMPT_SECONDS = 0.05


@dataclass
class CallClock:
    """When a call must be over, and when its latest attempt began; `time.monotonic()` seconds."""

    deadline: float = math.inf
    pace: Pace = field(default_factory=Pace)
    attempt_started: float = 0.0
    attempts: int = 0

    def remaining(self) -> float:
        """Seconds until the deadline; never negative."""
        return max(0.0, self.deadline - time.monotonic())


clock: ContextVar[CallClock] = ContextVar("clock")


class AttemptTimeout(Timeout):
    """Bounds each attempt by the whole request's timeout, and by what is left of the call."""

    def __init__(self, seconds: float) -> None:
        super().__init__(total=seconds)
        self._seconds = seconds

    def clone(self) -> Timeout:
        """Make the timeout of an attempt that begins now (urllib3 clones one for each)."""
        now = clock.get()
        now.attempt_started = time.monotonic()
        now.attempts += 1
        seconds = max(SHORTEST_ATTEMPT_SECONDS, min(self._seconds, now.remaining()))
        return Timeout(total=seconds, connect=seconds, read=seconds)


class DeadlineRetry(Retry):
    """urllib3's Retry with full jitter, that gives up when waiting would pass the deadline.

    Which answers are retried is Retry's own configuration; 503 only with Retry-After, unless it
    is listed. Retry-After counts in seconds and as a date (RFC 9110, 10.2.3).
    """

    RETRY_AFTER_STATUS_CODES = frozenset({429, 503})

    def get_backoff_time(self) -> float:
        """Full jitter: anywhere between nothing and the exponential bound."""
        return random.uniform(0, super().get_backoff_time())

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: Any = None,
    ) -> DeadlineRetry:
        """Derive the rule of the next attempt.

        Raises:
            MaxRetryError: when no attempt is left, or the deadline comes before the next one.

        """
        now = clock.get()
        self.heed(response)
        remaining = now.remaining()
        if remaining <= 0 or now.pace.held() >= remaining:
            reason = error or ResponseError("the deadline comes before the next attempt")
            raise MaxRetryError(_pool, url or "", reason)
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def heed(self, response: BaseHTTPResponse | None) -> None:
        """Let an answer's Retry-After hold all that go to the same host."""
        if response is not None and response.status in self.RETRY_AFTER_STATUS_CODES:
            seconds = self.get_retry_after(response)
            if seconds:
                clock.get().pace.hold(seconds, response.status)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait as Retry-After says, else as the backoff does, at most until the deadline.

        Waiting for a turn among our own requests comes on top, and is not the call's time.

        Raises:
            HeldTooLongError: when another answer has meanwhile asked for a pause beyond it.

        """
        now = clock.get()
        asked = response is not None and self.get_retry_after(response)
        wait = 0.0 if asked else min(self.get_backoff_time(), now.remaining())
        if wait > 0:
            time.sleep(wait)
        held = now.pace.held()
        begun = time.monotonic()
        now.pace.wait_for_turn(now.remaining())
        now.deadline += max(0.0, time.monotonic() - begun - held)
