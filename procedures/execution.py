"""The words of the workflow: an execution, its statuses, and a step forward."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from procedures.api_outcome import ApiOutcome

PENDING = "pending"
POLICY_CREATED = "policy_created"
POLICY_READY = "policy_ready"
COMPLETED = "completed"
ERROR = "error"

# Every move between statuses that a step may make; the claim of a retry leads back from 'error'.
TRANSITIONS = {
    PENDING: {POLICY_CREATED, ERROR},
    POLICY_CREATED: {POLICY_CREATED, POLICY_READY, ERROR},
    POLICY_READY: {POLICY_READY, COMPLETED, ERROR},
}


@dataclass(frozen=True)
class Execution:
    """One row of the state table, as far as the steps need it."""

    execution_id: str
    status: str
    policy_id: str | None
    poll_count: int
    invocation_id: str | None
    leased: bool
    policy_data: Any
    api_response: Any

    @property
    def api_execution_id(self) -> str:
        """The API's own execution_id where it gave one, else ours."""
        theirs = (
            self.api_response.get("execution_id") if isinstance(self.api_response, dict) else None
        )
        return theirs if isinstance(theirs, str) and theirs else self.execution_id


@dataclass(frozen=True)
class Change:
    """One execution's step forward, with the event that tells of it.

    `columns` holds only what changes; a missing key leaves its column as it is.
    """

    execution_id: str
    step: int
    attempt: int
    status_before: str
    status_after: str
    event: str
    columns: dict[str, Any]
    outcome: ApiOutcome | None = None
    message: str | None = None

    def __post_init__(self) -> None:
        """Refuse a move that the workflow does not know."""
        if self.status_after not in TRANSITIONS.get(self.status_before, set()):
            raise ValueError(f"no step leads from {self.status_before} to {self.status_after}")

    @property
    def told(self) -> str:
        """What the row and the event say about it."""
        return self.message or (self.outcome.message if self.outcome else "")

    def state_row(self) -> dict[str, Any]:
        """What the state table needs; a missing key leaves its column as it is."""
        row: dict[str, Any] = {
            "execution_id": self.execution_id,
            "step": self.step,
            "status_before": self.status_before,
            "status_after": self.status_after,
            "message": self.told,
            "columns": _without_none(self.columns),
        }
        if self.status_after == ERROR:
            row["error_message"] = self.told
        return row

    def event_row(self, invocation_id: str, sequence: int, *, landed: bool) -> dict[str, Any]:
        """What the events table needs; one that did not land is 'superseded'."""
        row: dict[str, Any] = {
            "event_id": uuid.uuid4().hex,
            "execution_id": self.execution_id,
            "invocation_id": invocation_id,
            "sequence": sequence,
            "step": self.step,
            "attempt": self.attempt,
            "event": self.event if landed else "superseded",
            "status_before": self.status_before,
            "status_after": self.status_after if landed else None,
            "message": self.told,
        }
        if self.outcome:
            row |= {
                "http_method": self.outcome.method,
                "url": self.outcome.url,
                "http_status": self.outcome.http_status,
                "requests_sent": self.outcome.requests_sent,
                "duration_ms": self.outcome.duration_ms,
                "outcome": self.outcome.kind,
                "error_class": self.outcome.error_class,
                "response": self.outcome.response,
            }
        return _without_none(row)


def _without_none(row: dict[str, Any]) -> dict[str, Any]:
    """Drop what is None: a missing key reads as SQL NULL, a JSON null would not (facts, 4.4)."""
    return {key: value for key, value in row.items() if value is not None}
