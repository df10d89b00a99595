"""The words of the workflow: an execution, its statuses, and a step forward."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any, Self

from procedures.common.printable import printable
from procedures.domain.api_outcome import ApiOutcome

PENDING = "pending"
POLICY_CREATED = "policy_created"
POLICY_READY = "policy_ready"
COMPLETED = "completed"
ERROR = "error"
# What an event is named whose change was not applied, or whose request was not sent.
SUPERSEDED = "superseded"

MAX_NOTE_CHARACTERS = 500

# Every move between statuses that a step may make; only a claim leads back from 'error', to where
# the failed step starts.
TRANSITIONS = {
    PENDING: {POLICY_CREATED, ERROR},
    POLICY_CREATED: {POLICY_CREATED, POLICY_READY, ERROR},
    POLICY_READY: {POLICY_READY, COMPLETED, ERROR},
}


@dataclass(frozen=True)
class Execution:
    """One row of the state table, as far as the steps need it.

    `lease_seconds` is what is left of the driver's lease: None without one, negative when over.
    `sequence` is the number of its latest event. `policy_json` is the policy as JSON
    text, None where it was not read, `api_execution_id` what the API's answer to create held
    under `execution_id`.
    """

    execution_id: str
    status: str
    policy_id: str | None
    poll_count: int
    invocation_id: str | None
    lease_seconds: float | None
    sequence: int
    cancelled: bool
    policy_json: str | None
    api_execution_id: Any

    @property
    def is_finished(self) -> bool:
        """Whether it has ended, well or badly."""
        return self.status in (COMPLETED, ERROR)

    @property
    def known_to_api_as(self) -> str:
        """The API's own execution_id where it gave a text, else ours."""
        theirs = self.api_execution_id
        return theirs if isinstance(theirs, str) and theirs else self.execution_id


@dataclass(frozen=True)
class Change:
    """One execution's step forward, with the event that tells of it.

    `columns` holds only what changes; a missing key leaves its column as it is. `error_class` is
    the outcome's own unless the step has a better word for what went wrong.
    """

    execution: Execution
    step: int
    attempt: int
    status_after: str
    event: str
    columns: dict[str, Any]
    outcome: ApiOutcome | None = None
    message: str | None = None
    error_class: str | None = None

    def __post_init__(self) -> None:
        """Refuse a move that the workflow does not know."""
        before = self.execution.status
        if self.status_after not in TRANSITIONS.get(before, set()):
            raise ValueError(f"no step leads from {before} to {self.status_after}")

    def without_answer(self, note: str) -> Self:
        """The same step forward, with a note in the place of what the API answered."""
        kept = {"note": printable(note, MAX_NOTE_CHARACTERS)}
        return replace(
            self,
            columns={
                name: kept if isinstance(value, dict) else value
                for name, value in self.columns.items()
            },
            outcome=self.outcome and replace(self.outcome, response=kept),
        )

    @property
    def execution_id(self) -> str:
        """Whose step it is."""
        return self.execution.execution_id

    @property
    def summary(self) -> str:
        """What the row and the event say about it."""
        return self.message or (self.outcome.message if self.outcome else "")

    def state_row(self) -> dict[str, Any]:
        """What the state table needs; a missing key leaves its column as it is."""
        row: dict[str, Any] = {
            "execution_id": self.execution_id,
            "step": self.step,
            "status_before": self.execution.status,
            "status_after": self.status_after,
            "sequence": self.execution.sequence + 1,
            "message": self.summary,
            "columns": _without_none(self.columns),
        }
        if self.status_after == ERROR:
            row["error_message"] = self.summary
        return row

    def event_row(self, invocation_id: str, *, applied: bool) -> dict[str, Any]:
        """What the events table needs; one that did not land is 'superseded'."""
        row = event_row(
            self.execution_id,
            invocation_id,
            self.execution.sequence + 1,
            self.event if applied else SUPERSEDED,
            status_before=self.execution.status,
            status_after=self.status_after if applied else None,
            step=self.step,
            attempt=self.attempt,
            policy_id=self.columns.get("policy_id") or self.execution.policy_id,
            message=self.summary,
            error_class=self.error_class,
        )
        if self.outcome:
            row |= _without_none(
                {
                    "http_method": self.outcome.method,
                    "url": self.outcome.url,
                    "http_status": self.outcome.http_status,
                    "requests_sent": self.outcome.requests_sent,
                    "duration_ms": self.outcome.duration_ms,
                    "outcome": self.outcome.kind,
                    "error_class": self.error_class or self.outcome.error_class,
                    "response": self.outcome.response,
                }
            )
        return row


def event_row(
    execution_id: str, invocation_id: str, sequence: int, event: str, **columns: Any
) -> dict[str, Any]:
    """Make one event; columns that are None are left out."""
    return _without_none(
        {
            "event_id": uuid.uuid4().hex,
            "execution_id": execution_id,
            "invocation_id": invocation_id,
            "sequence": sequence,
            "event": event,
            **columns,
        }
    )


def _without_none(row: dict[str, Any]) -> dict[str, Any]:
    """Drop what is None: a missing key reads as SQL NULL, a JSON null would not (facts, 4.4)."""
    return {key: value for key, value in row.items() if value is not None}
