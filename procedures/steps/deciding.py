"""Applies what a person decided about a request whose outcome nobody knew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from procedures.domain.execution import (
    COMPLETED,
    PENDING,
    POLICY_ADOPTED,
    POLICY_CREATED,
    POLICY_READY,
    REPEAT_ALLOWED,
    TRIGGER_CONFIRMED,
    Change,
    Execution,
)
from procedures.domain.request import Decision
from procedures.domain.tally import Tally
from procedures.tables.execution_state import ExecutionState


def apply_decision(
    decision: Decision, rows: Sequence[Execution], state: ExecutionState, tally: Tally
) -> tuple[list[Execution], bool]:
    """Record a decision in the events of its execution.

    Where anything happened to the execution since the decision was checked, the person decided
    about something else, and the decision is not applied: a second decision at the same time, for
    example, would send a request twice.

    Args:
        decision: what a person decided.
        rows: the rows of the run as they were claimed.
        state: the tables, for this run.
        tally: counts the change.

    Returns:
        The rows as they are then, and whether the decision was applied.

    """
    claimed = {row.execution_id: row for row in rows}
    row = claimed.get(decision.execution_id)
    if row is None or row.sequence != decision.sequence + 1 or not _has_its_step(decision, row):
        return list(rows), False
    change = _change(decision, row)
    applied = state.record([change])
    if not applied:
        return [other for other in rows if other is not row], False
    if decision.policy_id is not None:
        tally.add([change], applied)
    claimed[row.execution_id] = replace(
        row,
        status=change.status_after,
        sequence=row.sequence + 1,
        policy_id=decision.policy_id or row.policy_id,
    )
    return list(claimed.values()), True


def _has_its_step(decision: Decision, row: Execution) -> bool:
    if decision.step == 3:
        return row.status == POLICY_READY
    if decision.policy_id is None:
        return row.status == PENDING
    return not row.announced


def _change(decision: Decision, row: Execution) -> Change:
    if decision.policy_id is not None:
        return _adoption(decision.policy_id, decision.by, row)
    what = "create the policy" if decision.step == 1 else "trigger the circuit breaker"
    again = Change(
        execution=row,
        step=decision.step,
        attempt=1,
        status_after=row.status,
        event=REPEAT_ALLOWED,
        columns={},
        message=f"{decision.by} decided that the request to {what} is sent again",
    )
    if not decision.confirmed:
        return again
    return replace(
        again,
        status_after=COMPLETED,
        event=TRIGGER_CONFIRMED,
        columns={"circuit_breaker_completed": True},
        message=f"circuit breaker confirmed by {decision.by}, who found it triggered at the API",
    )


def _adoption(policy_id: str, by: str, row: Execution) -> Change:
    message = f"policy {policy_id} is there at the API, as {by} found"
    columns: dict[str, object] = {"policy_id": policy_id}
    if row.policy_id is not None:
        # What was polled until now was another policy.
        columns |= {"poll_count": 0, "requires_circuit_breaker": False}
        message = f"policy {policy_id} takes the place of policy {row.policy_id}, as {by} found"
    return Change(
        execution=row,
        step=1,
        attempt=1,
        status_after=POLICY_CREATED,
        event=POLICY_ADOPTED,
        columns=columns,
        message=message,
    )
