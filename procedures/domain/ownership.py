"""Whether a request may leave: ownership and cancellation, as fresh as the lease asks.

What was read of an execution grows old while its request is queued: another run may have taken it
over, or somebody may have cancelled it. So a request leaves only when its execution was seen as
this run's a moment ago, and its lease lasts long enough for an answer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection

LONGEST_FRESH_SECONDS = 5.0


def fresh_seconds(lease_seconds: float) -> float:
    """How long a request may leave after its execution was seen as this run's."""
    return min(LONGEST_FRESH_SECONDS, lease_seconds / 3)


class NotPermittedError(Exception):
    """A request was not sent: its execution is no longer this run's."""


class Ownership:
    """What the threads that send know of it; the main thread, which has the session, confirms it.

    Args:
        lease_seconds: how long a lease is.
        ask: called by a thread that needs it confirmed anew.

    """

    def __init__(self, lease_seconds: float, ask: Callable[[], None]) -> None:
        self._fresh_seconds = fresh_seconds(lease_seconds)
        self._reserve = lease_seconds / 3
        self._ask = ask
        self._changed = threading.Condition()
        self._fresh_until = 0.0
        self._asked = False
        self._lost: set[str] = set()
        self._ended = False

    def confirm(self, since: float, lease_seconds: float, lost: Collection[str] = ()) -> None:
        """Note what was read of all executions whose requests are queued.

        Args:
            since: when the reading began, a `time.monotonic()`.
            lease_seconds: what was left of the shortest of their leases.
            lost: those that are no longer this run's.

        """
        with self._changed:
            lasts = min(self._fresh_seconds, lease_seconds - self._reserve)
            self._fresh_until = since + lasts
            self._lost.update(lost)
            self._asked = False
            self._changed.notify_all()

    def end(self) -> None:
        """Let nothing leave any more."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def check(self, execution_id: str) -> None:
        """Wait until it is known whether an execution is this run's.

        Raises:
            NotPermittedError: when its request must not leave.

        """
        with self._changed:
            while (
                not self._ended
                and execution_id not in self._lost
                and time.monotonic() >= self._fresh_until
            ):
                if self._asked:
                    self._changed.wait()
                else:
                    self._asked = True
                    self._ask()
            if self._ended or execution_id in self._lost:
                raise NotPermittedError(execution_id)
