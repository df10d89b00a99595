"""Step 3: trigger the circuit breaker of each policy that is ready."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from procedures.common.settings import Settings
from procedures.domain.api_outcome import ApiOutcome
from procedures.domain.execution import COMPLETED, ERROR, POLICY_READY, Change, Execution
from procedures.domain.tally import Tally
from procedures.http.policy_api import PolicyApi
from procedures.steps.step import Step, failed, run_step
from procedures.tables.execution_state import ExecutionState, Page


def trigger_circuit_breakers(settings: Settings, state: ExecutionState, tally: Tally) -> None:
    """Announce and send POST /circuit for each execution of this run that is ready."""
    step = Step(3, "trigger_circuit_breaker", _trigger, _after_trigger)
    run_step(settings, state, step, _announced(settings, state), tally)


def _announced(settings: Settings, state: ExecutionState) -> Iterator[Page]:
    for page in state.owned(POLICY_READY):
        since = time.monotonic()
        confirmed = state.record([_announcement(row) for row in page.executions])
        rows = [
            replace(row, sequence=row.sequence + 1)
            for row in page.executions
            if row.execution_id in confirmed
        ]
        if rows:
            yield Page(rows, since, settings.lease_seconds)


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
