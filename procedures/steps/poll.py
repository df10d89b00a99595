"""Step 2: ask the API once for each created policy whether it is ready."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from procedures.common.settings import Settings
from procedures.description.description import read_description
from procedures.domain.api_outcome import ApiOutcome
from procedures.domain.execution import ERROR, POLICY_CREATED, POLICY_READY, Change, Execution
from procedures.domain.tally import Tally
from procedures.http.policy_api import PolicyApi
from procedures.steps.call_time import CallTime
from procedures.steps.running import run_step
from procedures.steps.step import Step, failed
from procedures.tables.execution_state import ExecutionState


def poll_policies(
    settings: Settings,
    state: ExecutionState,
    tally: Tally,
    time_of_call: CallTime,
    unpolled_since: str | None = None,
    failed_before: Mapping[str, int] | None = None,
) -> None:
    """Ask once for the status of each policy of this run that is created and not ready.

    Args:
        settings: the procedure's settings.
        state: the tables, for this run.
        tally: counts the changes.
        time_of_call: for how long new requests are begun.
        unpolled_since: only policies that were not polled since this time, text in UTC.
        failed_before: how many policies in a row had failed when the call before this one ended.

    """
    description = read_description(settings.api)
    change = partial(
        _after_poll,
        max_attempts=settings.max_poll_attempts,
        has_breaker=description.trigger is not None,
    )
    step = Step(2, "poll_policy_status", POLICY_CREATED, ("poll",), _poll, change)
    pages = state.owned(
        POLICY_CREATED,
        with_policies=description.poll.needs_policy,
        unpolled_since=unpolled_since,
    )
    run_step(settings, state, step, pages, tally, time_of_call, failed_before=failed_before)


def _poll(api: PolicyApi, execution: Execution) -> ApiOutcome:
    return api.poll_policy_status(
        execution.policy_id or "",
        {
            "execution_id": execution.execution_id,
            "api_execution_id": execution.known_to_api_as,
        },
        execution.policy_json,
    )


def _after_poll(
    execution: Execution, outcome: ApiOutcome, *, max_attempts: int, has_breaker: bool
) -> Change:
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
            "requires_circuit_breaker": True if after == POLICY_READY and has_breaker else None,
        },
        outcome=outcome,
        message=message,
        error_class=error_class,
    )
