"""How long a call may take, and when it is sent again: urllib3's rules, bounded by a deadline.

A call is one request with its retries, all in one thread, so the clock that bounds it is kept
beside the thread and reaches the rules that requests gives to urllib3.
"""

from __future__ import annotations

import math
import random
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from urllib3.exceptions import MaxRetryError, ResponseError
from urllib3.util.retry import Retry
from urllib3.util.timeout import Timeout

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

# An attempt that starts has at least this long.
SHORTEST_ATTEMPT_SECONDS = 0.05


@dataclass
class CallClock:
    """When a call must be over, and when its latest attempt began; `time.monotonic()` seconds."""

    deadline: float = math.inf
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
        wait = (self.get_retry_after(response) or 0.0) if response is not None else 0.0
        remaining = clock.get().remaining()
        if remaining <= 0 or wait >= remaining:
            reason = error or ResponseError("the deadline comes before the next attempt")
            raise MaxRetryError(_pool, url or "", reason)
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait as Retry-After says, else as the backoff does, at most until the deadline."""
        wait = (self.get_retry_after(response) or 0.0) if response is not None else 0.0
        wait = min(wait or self.get_backoff_time(), clock.get().remaining())
        if wait > 0:
            time.sleep(wait)
