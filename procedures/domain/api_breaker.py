"""The breaker towards the API: an endpoint that is down gets no more requests.

The circuit breaker of a policy, which step 3 triggers, is something else.
"""

from __future__ import annotations

import threading
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

    "In a row" is meant in the order in which the policies' requests began. In the order in which
    answers arrive, the quick failures of an API that answers slowly would all come before its good
    answers. A good answer ends the row of all that began before its request. Each policy counts
    once, however often its request is repeated: a policy that the API never takes is one failure.

    When so many answers have failed that the breaker may have to open, and requests are under way
    that may show the contrary, nothing is begun until it is decided.

    Args:
        failures: how many policies in a row open the breaker; 0 for a breaker that never opens.
        connections: how many requests are under way at once. After so many failed requests in a row
            more than `failures`, fewer policies open the breaker: their repetitions are bounded.
        failed_before: how many policies in a row had failed when the call before this one ended.

    """

    def __init__(self, failures: int, connections: int, failed_before: int = 0) -> None:
        self._failures = failures
        self._most_requests = failures + connections
        self._changed = threading.Condition()
        self._begun = 0
        self._under_way = 0
        # The calls whose first request began after the last good one, in order: the number of the
        # request, and how many requests of the call have failed.
        self._row: dict[object, tuple[int, int]] = {
            object(): (number, 1) for number in range(-failed_before, 0)
        }
        self._failed_since_good = failed_before
        self.was_good = False
        self.problem: str | None = None
        # An answer that says neither that the API works nor that it is down.
        self.unclear: str | None = None

    @property
    def failed_in_row(self) -> int:
        """How many policies in a row have failed, up to the last one that was begun."""
        count = 0
        for _, failed in self._row.values():
            count = count + 1 if failed else 0
        return count

    @property
    def is_open(self) -> bool:
        """Whether no more request may be sent."""
        return self.problem is not None

    def check(self) -> None:
        """Let a request pass.

        Raises:
            BreakerOpenError: when the breaker is open.

        """
        if self.is_open:
            raise BreakerOpenError(self.problem)

    def begin(self, call: object, *, is_repeated: bool = False) -> int | None:
        """Begin a request; returns its number, or None when it must wait.

        Args:
            call: whose request it is.
            is_repeated: whether a request of the call was sent before.

        Raises:
            BreakerOpenError: when the breaker is open, or when another call is to be tried before a
                request is repeated.

        """
        with self._changed:
            self.check()
            if self._failures:
                if self._must_wait():
                    return None
                if is_repeated and self._is_doubtful():
                    raise BreakerOpenError(self.problem)
                if not is_repeated:
                    self._row[call] = (self._begun, 0)
            self._begun += 1
            self._under_way += 1
            return self._begun - 1

    def wait(self, seconds: float) -> None:
        """Wait until a request that had to wait may be begun, for some seconds at most."""
        with self._changed:
            self._changed.wait_for(lambda: not self._must_wait(), seconds)

    def note(self, call: object, number: int, problem: str | None) -> None:
        """Note the answer of a request.

        Args:
            call: whose request it was.
            number: the number of the request.
            problem: why the answer says that the API is down; None for a good answer.

        """
        with self._changed:
            self._end()
            if problem is None:
                self.was_good, self._failed_since_good = True, 0
                self._row = {
                    other: (first, failed)
                    for other, (first, failed) in self._row.items()
                    if first > number
                }
                return
            self._failed_since_good += 1
            if call in self._row:
                first, failed = self._row[call]
                self._row[call] = first, failed + 1
            if self.problem is None and self._is_down():
                self.problem = problem

    def withdraw(self, call: object, unclear: str | None = None) -> None:
        """Note that a request was not sent, or that its answer says neither.

        Args:
            call: whose request it was.
            unclear: what the answer was; None when nothing was sent.

        """
        with self._changed:
            self._end()
            self.unclear = unclear or self.unclear
            if self._row.get(call, (0, 1))[1] == 0:
                del self._row[call]

    def _failed_requests(self) -> int:
        return sum(failed for _, failed in self._row.values())

    def _is_doubtful(self) -> bool:
        """Whether so many requests have failed that a few more decide whether the API is down."""
        return max(self._failed_requests(), self._failed_since_good) >= self._failures

    def _must_wait(self) -> bool:
        """Whether nothing is begun until what is under way has shown whether the API is down."""
        if self.is_open or not self._failures or not self._under_way or not self._is_doubtful():
            return False
        # Requests that began long ago decide nothing: a few new requests do.
        return max(self._failed_requests(), len(self._row)) >= self._failures

    def _end(self) -> None:
        self._under_way -= 1
        self._changed.notify_all()

    def _is_down(self) -> bool:
        if not self._failures:
            return False
        calls = requests = 0
        for _, failed in self._row.values():
            calls, requests = (calls + 1, requests + failed) if failed else (0, 0)
            if calls >= self._failures or requests >= self._most_requests:
                return True
        return False


def probe_seconds(timeout_seconds: float, lease_seconds: int, pause_seconds: float = 0) -> int:
    """How long the lease of a probe is: its requests end within it.

    Args:
        timeout_seconds: of a request; a probe sends two of find and one of create at most.
        lease_seconds: how long the lease of an execution is.
        pause_seconds: between two requests of find.

    """
    return max(lease_seconds, int(3 * timeout_seconds + pause_seconds) + 10)
