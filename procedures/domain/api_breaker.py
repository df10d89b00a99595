"""The breaker towards the API: an endpoint that is down gets no more requests.

The circuit breaker of a policy, which step 3 triggers, is something else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from procedures.domain.ownership import NotBegunError

API_BREAKER_OPEN = "ApiBreakerOpen"
# The event of an execution that stays where it is, as its endpoint's breaker is open.
HELD_BACK = "held_back"


class BreakerOpenError(NotBegunError):
    """A request was not sent: the breaker of its endpoint is open."""


@dataclass(frozen=True)
class OpenBreaker:
    """A breaker that is open, or half-open, in the table.

    Args:
        endpoint: which request it is about: find, create, poll or trigger.
        url: the address of the endpoint, with placeholders.
        since: when it opened, as text in UTC.
        until: when a probe is due, as text in UTC.
        problem: what was seen last.
        seconds: until a probe is due; 0 or less when a probe is due now.

    """

    endpoint: str
    url: str
    since: str
    until: str
    problem: str
    seconds: float

    @property
    def message(self) -> str:
        """Why an execution stays where it is."""
        return (
            f"the breaker towards the API is open for {self.endpoint} since {self.since} UTC; "
            f"the API is asked again at {self.until} UTC; seen last: {self.problem}"
        )


def open_breaker_of(row: Sequence[Any]) -> OpenBreaker:
    """Make an open breaker of a row that `read_breakers_sql` has read."""
    endpoint, url, since, until, problem, milliseconds = row
    return OpenBreaker(endpoint, url, since, until, problem or "", float(milliseconds or 0) / 1000)


class EndpointBreaker:
    """Counts the answers of one endpoint which say that the API is down; safe for many threads.

    Only requests that began after the last good answer count: failures that are spread among good
    answers do not open the breaker, however many requests are under way.

    Args:
        failures: how many such answers in a row open the breaker; 0 for a breaker that never opens.

    """

    def __init__(self, failures: int) -> None:
        self._failures = failures
        self._lock = threading.Lock()
        self._count = 0
        self._last_good: float | None = None
        self.problem: str | None = None

    def note(self, begun: float, problem: str | None) -> None:
        """Note the answer of a request.

        Args:
            begun: when the request began, a `time.monotonic()`.
            problem: why the answer says that the API is down; None for a good answer.

        """
        with self._lock:
            if problem is None:
                self._count, self._last_good = 0, time.monotonic()
            elif self._last_good is None or begun >= self._last_good:
                self._count += 1
                if self.problem is None and 0 < self._failures <= self._count:
                    self.problem = problem

    @property
    def is_open(self) -> bool:
        """Whether no more request may be sent."""
        return self.problem is not None

    @property
    def was_good(self) -> bool:
        """Whether a good answer has come."""
        return self._last_good is not None

    def check(self) -> None:
        """Let a request pass.

        Raises:
            BreakerOpenError: when the breaker is open.

        """
        if self.is_open:
            raise BreakerOpenError(self.problem)


def probe_seconds(timeout_seconds: float, lease_seconds: int) -> int:
    """How long the lease of a probe is: two requests, find and create, end within it."""
    return max(lease_seconds, int(2 * timeout_seconds) + 10)
