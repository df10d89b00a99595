"""Step 2: ask the API once for each created policy whether it is ready."""

from __future__ import annotations

from typing import Any

from snowflake.snowpark import Session

from procedures.common.settings import load_settings
from procedures.domain.execution import POLICY_CREATED, POLICY_READY
from procedures.domain.request import read_failed_in_row, read_moment, read_request
from procedures.domain.tally import Tally
from procedures.http.credentials import secret_problem
from procedures.steps.call_time import CallTime
from procedures.steps.poll import poll_policies
from procedures.tables.database import Database
from procedures.tables.execution_state import ExecutionState


def poll_policy_status(session: Session, request: str) -> dict[str, Any]:
    """Send GET /policy/{policy_id} once for each execution of this run at 'policy_created'.

    'Not ready yet' is no error until the last attempt.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "release": false, "round": ...,
            "failed_in_row": ...}`. With
            `release` the run ends its leases of executions that still wait, so that another run can
            go on. `round` is what the first call of a round answered, for the others of the round;
            `failed_in_row` is what the call before answered.

    Returns:
        Counts by status of the changes; `open` is the number of executions that still wait, and
        `ready` of those that can be triggered. With `more` the time of the call was over before all
        were polled: another call goes on, with `round`. With `secret_problem` a secret cannot be
        used: nothing was sent, and the run's leases are ended.

    """
    wanted = read_request(request)
    settings = load_settings()
    state = ExecutionState(Database(session), settings, wanted["invocation_id"])
    tally = Tally()
    if problem := secret_problem(settings.api):
        state.release(everything=True)
        return tally.summary(open=0, ready=0, **problem)
    time_of_call = CallTime(settings)
    began = read_moment(wanted, "round")
    poll_policies(settings, state, tally, time_of_call, began, read_failed_in_row(wanted))
    if wanted.get("release") is True and not time_of_call.has_left:
        state.release()
    return tally.summary(
        has_left=time_of_call.has_left,
        open=tally.counts[POLICY_CREATED],
        ready=tally.counts[POLICY_READY],
        round=began or state.read_at,
    )
