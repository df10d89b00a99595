"""Decides whether a request may still be sent, by whether this run still owns the execution.

While a request waits in the queue, another run may take its execution over, or somebody may cancel
the execution. So a request is sent only when this run was seen to own the execution a moment ago,
and when the lease lasts long enough for an answer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection

LONGEST_FRESH_SECONDS = 5.0


def fresh_seconds(lease_seconds: float) -> float:
    """For how many seconds after a look at the table a request may be sent."""
    return min(LONGEST_FRESH_SECONDS, lease_seconds / 3)


class NotPermittedError(Exception):
    """A request was not sent: this run no longer owns the execution."""


class NotBegunError(Exception):
    """A request was not sent, and the execution stays where it is: a later call may send it."""


class Ownership:
    """What the sending threads know of the run's ownership.

    The threads ask, and the main thread answers: only the main thread may use the session.

    Args:
        lease_seconds: how long a lease is.
        ask: called by a thread that needs a new look at the table.

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
        """Note a look at the table, at all executions whose requests are queued.

        Args:
            since: when the look began, a `time.monotonic()`.
            lease_seconds: the time left of the shortest lease.
            lost: the executions that this run no longer owns.

        """
        with self._changed:
            lasts = min(self._fresh_seconds, lease_seconds - self._reserve)
            self._fresh_until = since + lasts
            self._lost.update(lost)
            self._asked = False
            self._changed.notify_all()

    def end(self) -> None:
        """Let no request be sent any more."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def check(self, execution_id: str) -> None:
        """Wait until it is known whether this run owns an execution.

        Raises:
            NotPermittedError: when the request must not be sent.

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
