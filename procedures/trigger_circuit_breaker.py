"""Step 3: trigger the circuit breaker of each policy that is ready."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from snowflake.snowpark import Session

from procedures.api_outcome import ApiOutcome
from procedures.execution import (
    COMPLETED,
    ERROR,
    POLICY_READY,
    Change,
    Execution,
)
from procedures.execution_state import ExecutionState
from procedures.policy_api import PolicyApi
from procedures.request import read_request, selected_ids
from procedures.settings import Settings, load_settings
from procedures.steps import Tally, drive, failed


def trigger_circuit_breaker(session: Session, request: str) -> dict[str, Any]:
    """Send POST /circuit for each execution of this driver that the table says is 'policy_ready'.

    That the request is about to be sent is written, guarded, before it is sent: a row that is no
    longer ready, or no longer this driver's, is not triggered.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "execution_ids": [...]}`; without
            `execution_ids` all that this driver has.

    Returns:
        Counts by status.

    """
    wanted = read_request(request)
    settings = load_settings()
    state = ExecutionState(session, settings, wanted["invocation_id"])
    tally = Tally()
    trigger_circuit_breakers(settings, state, tally, selected_ids(wanted))
    return tally.told()


def trigger_circuit_breakers(
    settings: Settings, state: ExecutionState, tally: Tally, ids: Sequence[str] | None
) -> None:
    """Announce and send POST /circuit for each execution that is ready, of `ids` or all."""
    ready = _announced(settings, state, ids)
    drive(settings, state, "trigger_circuit_breaker", ready, _trigger, _after_trigger, tally)


def _announced(
    settings: Settings, state: ExecutionState, ids: Sequence[str] | None
) -> Iterator[list[Execution]]:
    for page in state.driven(POLICY_READY, ids):
        confirmed = state.record([_announcement(row) for row in page])
        yield [
            replace(row, sequence=row.sequence + 1, lease_seconds=settings.lease_seconds)
            for row in page
            if row.execution_id in confirmed
        ]


def _announcement(execution: Execution) -> Change:
    return Change(
        execution=execution,
        step=3,
        attempt=1,
        status_after=POLICY_READY,
        event="circuit_breaker_initiated",
        columns={"requires_circuit_breaker": True, "circuit_breaker_initiated": True},
        message="the circuit breaker request is about to be sent",
    )


def _trigger(api: PolicyApi, execution: Execution) -> ApiOutcome:
    return api.trigger_circuit_breaker(
        execution.execution_id, execution.policy_id or "", execution.known_to_api_as
    )


def _after_trigger(execution: Execution, outcome: ApiOutcome) -> Change:
    triggered = outcome.kind == "triggered"
    message = None if triggered else failed(3, "trigger circuit breaker", execution, outcome)
    return Change(
        execution=execution,
        step=3,
        attempt=1,
        status_after=COMPLETED if triggered else ERROR,
        event="trigger_circuit_breaker",
        columns={
            "circuit_breaker_completed": True if triggered else None,
            "circuit_breaker_response": outcome.response,
        },
        outcome=outcome,
        message=message,
    )
