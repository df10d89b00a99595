"""What a procedure answers: counts, and the executions while they are few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from procedures.domain.execution import ERROR, SUPERSEDED, Change

# How many executions, problems or rows an answer lists at most.
LISTED = 20


class Tally:
    """What the caller is told of a step: counts, and the executions while they are few."""

    def __init__(self) -> None:
        self.processed = 0
        self.counts: Counter[str] = Counter()
        self._listed: list[dict[str, Any]] = []
        self._failures: list[dict[str, Any]] = []

    def add(self, changes: Sequence[Change], applied: Collection[str]) -> None:
        """Count changes, of which those of the executions in `applied` are in the table."""
        for change in changes:
            status = change.status_after if change.execution_id in applied else SUPERSEDED
            self.processed += 1
            self.counts[status] += 1
            entry = {
                "execution_id": change.execution_id,
                "status": status,
                "attempt": change.attempt,
                "message": change.summary,
            }
            if len(self._listed) < LISTED:
                self._listed.append(entry)
            if status in {ERROR, SUPERSEDED} and len(self._failures) < LISTED:
                self._failures.append(entry)

    def withheld(self, count: int) -> None:
        """Count executions whose requests were not sent, as they are no longer this run's."""
        self.processed += count
        self.counts[SUPERSEDED] += count

    def summary(self, **more: Any) -> dict[str, Any]:
        """Make the answer: when there are many executions, those that failed are listed."""
        shown = self._listed if self.processed <= LISTED else self._failures
        return {
            "processed": self.processed,
            "counts": dict(self.counts),
            "executions": shown,
            **more,
        }
