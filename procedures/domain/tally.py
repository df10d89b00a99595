"""The answer of a procedure: counts by status, and the executions when they are few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from procedures.domain.api_breaker import OpenBreaker
from procedures.domain.execution import ERROR, SUPERSEDED, Change

# How many executions, problems or rows an answer lists at most.
LISTED = 20


class Tally:
    """Counts the changes of a call, and keeps the first ones to list them."""

    def __init__(self) -> None:
        self.processed = 0
        self.counts: Counter[str] = Counter()
        self._listed: list[dict[str, Any]] = []
        self._failures: list[dict[str, Any]] = []
        # Seconds until the API takes the next request of this run.
        self.rest_seconds = 0.0
        # How many policies in a row have failed at an endpoint, for the next call of the step.
        self.failed_in_row: dict[str, int] = {}
        self._held_back = 0
        self._breaker: OpenBreaker | None = None

    def add(self, changes: Sequence[Change], applied: Collection[str]) -> None:
        """Count changes; `applied` has the executions whose changes are in the table."""
        for change in changes:
            status = change.status_after if change.execution_id in applied else SUPERSEDED
            self.processed += 1
            self.counts[status] += 1
            entry = {
                "policy_name": change.execution.policy_name,
                "execution_id": change.execution_id,
                "policy_id": change.columns.get("policy_id") or change.execution.policy_id,
                "status": status,
                "attempt": change.attempt,
                "message": change.summary,
            }
            if len(self._listed) < LISTED:
                self._listed.append(entry)
            if status in {ERROR, SUPERSEDED} and len(self._failures) < LISTED:
                self._failures.append(entry)

    def withheld(self, count: int) -> None:
        """Count executions whose requests were not sent, as this run no longer owns them."""
        self.processed += count
        self.counts[SUPERSEDED] += count

    def hold_back(self, count: int, breaker: OpenBreaker) -> None:
        """Count executions that stay where they are, as the breaker of an endpoint is open."""
        self._held_back += count
        self._breaker = breaker

    def summary(self, *, has_left: bool = False, **more: Any) -> dict[str, Any]:
        """Make the answer: it lists all executions when they are few, else those that failed.

        Args:
            has_left: whether executions are left for another call of the same step; then the answer
                has `more`, `rest_seconds` until the API takes the next request, and
                `failed_in_row`, which the next call is to be given.
            more: what else the answer has.

        """
        shown = self._listed if self.processed <= LISTED else self._failures
        if has_left and not self._breaker:
            more |= {
                "more": True,
                "rest_seconds": round(self.rest_seconds, 3),
                "failed_in_row": self.failed_in_row,
            }
        if self._breaker:
            more["api_breaker"] = {
                "endpoint": self._breaker.endpoint,
                "message": self._breaker.message,
                "held_back": self._held_back,
            }
        return {
            "processed": self.processed,
            "counts": dict(self.counts),
            "executions": shown,
            **more,
        }
