"""For how long one CALL begins new requests, and how many requests are announced at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator

from procedures.common.settings import Settings
from procedures.tables.database import PAGE_SIZE
from procedures.tables.execution_state import Page


class CallTime:
    """The time of one CALL, and how fast its executions get done.

    Args:
        settings: the procedure's settings.
        begun: when the CALL began, a `time.monotonic()`.

    """

    def __init__(self, settings: Settings, begun: float | None = None) -> None:
        self._begun = time.monotonic() if begun is None else begun
        self._ends = self._begun + settings.call_seconds
        self._connections = settings.connections
        self._most_a_second = settings.requests_per_second
        self._first: float | None = None
        self._done = 0
        self._under_way = 0
        self._lock = threading.Lock()
        self._first_id: str | None = None
        # Whether executions are left for another call, as far as is known.
        self.has_left = False

    @property
    def is_over(self) -> bool:
        """Whether no new request is begun."""
        return time.monotonic() >= self._ends

    def begins(self, execution_id: str) -> bool:
        """Whether the first request of an execution may begin; one may in each call.

        Args:
            execution_id: the execution; threads ask, each for its own.

        """
        with self._lock:
            if self._first_id is None:
                self._first_id = execution_id
            return not self.is_over or self._first_id == execution_id

    def note_begun(self, count: int) -> None:
        """Note executions that are under way from now on, also those that wait for a connection."""
        self._under_way += count

    def note_ended(self, *, is_done: bool) -> None:
        """Note that an execution is no longer under way.

        Args:
            is_done: whether it has an outcome.

        """
        self._under_way -= 1
        self._done += is_done

    def announceable(self) -> int:
        """How many more requests can be announced now and be answered within the time of the call.

        Before anything is known of the API's speed there are as many as there are connections.
        """
        now = time.monotonic()
        left = max(0.0, self._ends - now)
        if self._first is None:
            self._first = now
        count = float(self._connections)
        if self._done:
            count = max(count, left * self._done / max(now - self._first, 0.001))
        if self._most_a_second is not None:
            count = min(count, left * self._most_a_second)
        return min(PAGE_SIZE, int(count) - self._under_way)

    def in_pieces(self, pages: Iterable[Page]) -> Iterator[Page]:
        """Cut pages into pieces whose requests are announced at once; ends when the time is over.

        The first piece comes in any case, so that each call makes progress.
        """
        is_first = True
        for page in pages:
            rest = page.executions
            while rest:
                if self.is_over and not is_first:
                    self.has_left = True
                    return
                is_first = False
                size = max(1, self.announceable())
                yield page._replace(executions=rest[:size])
                rest = rest[size:]
