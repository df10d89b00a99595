"""What an execution is: its row, its statuses, and a change from one status to the next."""

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
# The name of an event whose change was not applied, or whose request was not sent.
SUPERSEDED = "superseded"
# The names of events by which a later run knows whether a request may have been sent.
CREATE_INITIATED = "create_initiated"
CIRCUIT_BREAKER_INITIATED = "circuit_breaker_initiated"
# A person decided that a request of unknown outcome is sent again.
REPEAT_ALLOWED = "repeat_allowed"
# A person saw at the API that the circuit breaker is triggered.
TRIGGER_CONFIRMED = "trigger_confirmed"
# The end of the message of a claim by a run that announces each create.
ANNOUNCES = "; each request is announced"
# The ends of messages of events that announce requests. A later run knows by them whether the API
# would know the repetition of a request, as the API is described then: nobody repeats the first
# kind by itself; the second kind has its way behind it; a message without such an end is about the
# header Idempotency-Key.
WITHOUT_KEY = "; the API knows no idempotency key"
REPETITION = "; a repetition is known by "
POLICY_ADOPTED = "policy_adopted"
NO_CIRCUIT_BREAKER = "no_circuit_breaker"

MAX_NOTE_CHARACTERS = 500
MAX_POLICY_ID_CHARACTERS = 1024

# Every change of status that a step may make. Only a claim leads back from 'error', to the status
# at which the failed step starts; and only a person leads back to 'policy_created', with the id of
# another policy.
TRANSITIONS = {
    PENDING: {PENDING, POLICY_CREATED, ERROR},
    POLICY_CREATED: {POLICY_CREATED, POLICY_READY, ERROR},
    POLICY_READY: {POLICY_READY, COMPLETED, ERROR, POLICY_CREATED},
}


@dataclass(frozen=True)
class Execution:
    """One row of the state table, as far as the steps need it.

    `invocation_id` is the run that owns the lease. `lease_seconds` is the time left of the lease:
    None without a lease, negative after its end. `sequence` is the number of the latest event.
    `policy_json` is the policy as JSON text; None when the policy was not read. `api_execution_id`
    is the `execution_id` in the API's answer to the create request. `announced` says whether a
    request to the circuit breaker was announced, and so may have been sent. `policy_name` is the
    policy's, where it is a text, for those who read of the execution.
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
    announced: bool = False
    policy_name: str | None = None

    @property
    def is_finished(self) -> bool:
        """Whether the execution has ended, in success or in error."""
        return self.status in (COMPLETED, ERROR)

    @property
    def known_to_api_as(self) -> str:
        """The execution_id that the API gave, if it is a text; otherwise ours."""
        theirs = self.api_execution_id
        return theirs if isinstance(theirs, str) and theirs else self.execution_id


@dataclass(frozen=True)
class Change:
    """A change of one execution's row, with the event that records the change.

    `columns` holds only the columns that change. `error_class` replaces the outcome's own where the
    step knows a better word for the error. `releases_lease` lets another run go on at once.
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
    releases_lease: bool = False

    def __post_init__(self) -> None:
        """Refuse a change of status that the workflow does not know."""
        before = self.execution.status
        if self.status_after not in TRANSITIONS.get(before, set()):
            raise ValueError(f"no step leads from {before} to {self.status_after}")

    def without_answer(self, note: str) -> Self:
        """The same change, with a note in place of the API's answer."""
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
        """The execution that changes."""
        return self.execution.execution_id

    @property
    def summary(self) -> str:
        """The message of the row and of the event."""
        return self.message or (self.outcome.message if self.outcome else "")

    def state_row(self) -> dict[str, Any]:
        """The row that the statement binds; a missing key leaves its column as it is."""
        row: dict[str, Any] = {
            "execution_id": self.execution_id,
            "step": self.step,
            "status_before": self.execution.status,
            "status_after": self.status_after,
            "sequence": self.execution.sequence + 1,
            "message": self.summary,
            "columns": _without_none(self.columns),
        }
        if self.releases_lease:
            row["releases_lease"] = True
        if self.status_after == ERROR:
            row["error_message"] = self.summary
        return row

    def event_row(self, invocation_id: str, *, applied: bool) -> dict[str, Any]:
        """The event to append; it is 'superseded' when the change was not applied."""
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


def repetition_mark(way: str | None) -> str:
    """The end of a message that announces a request.

    Args:
        way: how the API would know a repetition of the request (see Endpoint.repetition).

    """
    if way is None:
        return WITHOUT_KEY
    return f"{REPETITION}{way}" if way else ""


def event_row(
    execution_id: str, invocation_id: str, sequence: int, event: str, **columns: Any
) -> dict[str, Any]:
    """Make one event, without the columns that are None."""
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
    """Drop keys whose value is None.

    A missing key reads as SQL NULL; a JSON null does not (docs/snowflake_facts.md#json-and-null).
    """
    return {key: value for key, value in row.items() if value is not None}
