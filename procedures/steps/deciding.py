"""Applies what a person decided about a request whose outcome nobody knew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from procedures.domain.execution import (
    PENDING,
    POLICY_ADOPTED,
    POLICY_CREATED,
    POLICY_READY,
    REPEAT_ALLOWED,
    Change,
    Execution,
)
from procedures.domain.request import Decision
from procedures.domain.tally import Tally
from procedures.tables.execution_state import ExecutionState

_STATUS_OF_STEP = {1: PENDING, 3: POLICY_READY}


def apply_decision(
    decision: Decision, rows: Sequence[Execution], state: ExecutionState, tally: Tally
) -> list[Execution]:
    """Record a decision in the events of its execution; returns the rows as they are then.

    Where the execution is at another step by now, the decision has nothing to decide.

    Args:
        decision: what a person decided.
        rows: the rows of the run as they were claimed.
        state: the tables, for this run.
        tally: counts the change.

    """
    return [
        _decided(decision, row, state, tally)
        if row.execution_id == decision.execution_id
        and row.status == _STATUS_OF_STEP[decision.step]
        else row
        for row in rows
    ]


def _decided(decision: Decision, row: Execution, state: ExecutionState, tally: Tally) -> Execution:
    change = _change(decision, row)
    applied = state.record([change])
    if decision.policy_id is not None:
        tally.add([change], applied)
    return replace(
        row,
        status=change.status_after,
        sequence=row.sequence + 1,
        policy_id=decision.policy_id or row.policy_id,
    )


def _change(decision: Decision, row: Execution) -> Change:
    if decision.policy_id is not None:
        return Change(
            execution=row,
            step=1,
            attempt=1,
            status_after=POLICY_CREATED,
            event=POLICY_ADOPTED,
            columns={"policy_id": decision.policy_id},
            message=f"policy {decision.policy_id} is there at the API, as a person found",
        )
    what = "create the policy" if decision.step == 1 else "trigger the circuit breaker"
    return Change(
        execution=row,
        step=decision.step,
        attempt=1,
        status_after=row.status,
        event=REPEAT_ALLOWED,
        columns={},
        message=f"a person decided that the request to {what} is sent again",
    )
