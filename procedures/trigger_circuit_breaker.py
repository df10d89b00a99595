"""Step 3: trigger the circuit breaker of each policy that is ready."""

from __future__ import annotations

from collections.abc import Sequence
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
from procedures.request import read_request, requested_ids
from procedures.settings import Settings, load_settings
from procedures.steps import drive, failed, summary


def trigger_circuit_breaker(session: Session, request: str) -> dict[str, Any]:
    """Send POST /circuit for each execution of this driver that the table says is 'policy_ready'.

    That the request is about to be sent is written, guarded, before it is sent: a row that is no
    longer ready, or no longer this driver's, is not triggered.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "execution_ids": [...]}`.

    Returns:
        Counts by status.

    """
    wanted = read_request(request)
    settings = load_settings()
    state = ExecutionState(session, settings, wanted["invocation_id"])
    ready = [
        row
        for row in state.read(requested_ids(wanted))
        if row.status == POLICY_READY and state.drives(row)
    ]
    changes, landed = trigger_circuit_breakers(settings, state, ready)
    return summary(changes, landed)


def trigger_circuit_breakers(
    settings: Settings, state: ExecutionState, ready: Sequence[Execution]
) -> tuple[list[Change], set[str]]:
    """Announce and send POST /circuit for each; answers all changes, and whose landed."""
    confirmed = state.record([_announcement(row) for row in ready])
    todo = [
        replace(row, sequence=row.sequence + 1, lease_seconds=settings.lease_seconds)
        for row in ready
        if row.execution_id in confirmed
    ]
    return drive(settings, state, "trigger_circuit_breaker", todo, _trigger, _after_trigger)


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
        execution.execution_id, execution.policy_id or "", execution.api_execution_id
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
