"""Step 2: ask the API once for each created policy whether it is ready."""

from __future__ import annotations

from functools import partial
from typing import Any

from snowflake.snowpark import Session

from procedures.api_outcome import ApiOutcome
from procedures.database import Database
from procedures.execution import (
    ERROR,
    POLICY_CREATED,
    POLICY_READY,
    Change,
    Execution,
)
from procedures.execution_state import ExecutionState
from procedures.policy_api import PolicyApi
from procedures.request import read_request
from procedures.settings import Settings, load_settings
from procedures.steps import Step, Tally, drive, failed


def poll_policy_status(session: Session, request: str) -> dict[str, Any]:
    """Send GET /policy/{policy_id} once for each execution of this run at 'policy_created'.

    'Not ready yet' is an outcome of its own; it becomes an error at the last attempt.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "release": false}`; with `release` the run gives
            up what is still open, for another to go on with.

    Returns:
        Counts by status; `open` is the number still to be polled.

    """
    wanted = read_request(request)
    settings = load_settings()
    state = ExecutionState(Database(session), settings, wanted["invocation_id"])
    tally = Tally()
    poll_policies(settings, state, tally)
    if wanted.get("release") is True:
        state.release()
    return tally.told(open=tally.counts[POLICY_CREATED])


def poll_policies(settings: Settings, state: ExecutionState, tally: Tally) -> None:
    """Send GET /policy/{policy_id} once for each execution of this run that waits for it."""
    change = partial(_after_poll, max_attempts=settings.max_poll_attempts)
    step = Step(2, "poll_policy_status", _poll, change)
    drive(settings, state, step, state.owned(POLICY_CREATED), tally)


def _poll(api: PolicyApi, execution: Execution) -> ApiOutcome:
    return api.poll_policy_status(execution.policy_id or "")


def _after_poll(execution: Execution, outcome: ApiOutcome, max_attempts: int) -> Change:
    attempt = execution.poll_count + 1
    message = outcome.message
    error_class = outcome.error_class
    if outcome.kind == "ready":
        after = POLICY_READY
    elif outcome.kind == "failed":
        after = ERROR
        message = failed(2, "poll policy status", execution, outcome)
    elif attempt >= max_attempts:
        after = ERROR
        seen = failed(2, "poll policy status", execution, outcome)
        message = f"{seen}; not ready after {attempt} of {max_attempts} attempts"
        error_class = error_class or "PolicyNotReady"
    else:
        after = POLICY_CREATED
        message = f"not ready at attempt {attempt} of {max_attempts}: {outcome.message}"
    return Change(
        execution=execution,
        step=2,
        attempt=attempt,
        status_after=after,
        event="poll_policy_status",
        columns={
            "poll_count": attempt,
            "policy_status_response": outcome.response,
            "requires_circuit_breaker": True if after == POLICY_READY else None,
        },
        outcome=outcome,
        message=message,
        error_class=error_class,
    )
