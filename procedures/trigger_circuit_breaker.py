"""Step 3: trigger the circuit breaker of each policy that is ready."""

from __future__ import annotations

from typing import Any

from snowflake.snowpark import Session

from procedures.common.settings import load_settings
from procedures.domain.request import read_failed_in_row, read_request
from procedures.domain.tally import Tally
from procedures.http.credentials import secret_problem
from procedures.steps.call_time import CallTime
from procedures.steps.trigger import trigger_circuit_breakers
from procedures.tables.database import Database
from procedures.tables.execution_state import ExecutionState


def trigger_circuit_breaker(session: Session, request: str) -> dict[str, Any]:
    """Send POST /circuit for each execution of this run that the table says is 'policy_ready'.

    Before each request a guarded UPDATE notes that the request is about to be sent. When the row is
    no longer ready, or this run no longer owns the lease, nothing is sent.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "failed_in_row": ...}`; the latter is what
            the call before answered.

    Returns:
        Counts by status of the changes. With `more` the time of the call was over before all were
        triggered: another call goes on. With `secret_problem` a secret cannot be used: nothing was
        sent, and the run's leases are ended.

    """
    wanted = read_request(request)
    settings = load_settings()
    state = ExecutionState(Database(session), settings, wanted["invocation_id"])
    tally = Tally()
    if problem := secret_problem(settings.api):
        state.release(everything=True)
        return tally.summary(**problem)
    time_of_call = CallTime(settings)
    trigger_circuit_breakers(settings, state, tally, time_of_call, read_failed_in_row(wanted))
    return tally.summary(has_left=time_of_call.has_left)
