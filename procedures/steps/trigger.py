"""Step 3: trigger the circuit breaker of each policy that is ready."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import partial

from procedures.common.settings import Settings
from procedures.description.description import Endpoint, read_description
from procedures.domain.api_outcome import ApiOutcome
from procedures.domain.execution import (
    CIRCUIT_BREAKER_INITIATED,
    COMPLETED,
    ERROR,
    NO_CIRCUIT_BREAKER,
    POLICY_READY,
    Change,
    Execution,
    repetition_mark,
)
from procedures.domain.tally import Tally
from procedures.http.policy_api import PolicyApi
from procedures.steps.announcing import (
    SENT_OTHERWISE,
    SENT_WITHOUT_KEY,
    THIS_REQUEST,
    announce,
    note_doubts,
    without_doubt,
)
from procedures.steps.call_time import CallTime
from procedures.steps.running import run_step
from procedures.steps.step import Step, failed
from procedures.tables.execution_state import ExecutionState, Page

TRIGGER_EVENT = "trigger_circuit_breaker"


def trigger_in_doubt(which: str, execution_id: str) -> str:
    """Say what a person decides when nobody knows whether the circuit breaker is triggered."""
    retry = "dbt run-operation retry_policy_workflow --args"
    return (
        f"{which} may have triggered the circuit breaker. Look at the API "
        "whether the circuit breaker is triggered. If so: "
        f"{retry} '{{execution_id: {execution_id}, trigger: confirmed}}'. If not: "
        f"{retry} '{{execution_id: {execution_id}, trigger: again}}'"
    )


def trigger_circuit_breakers(
    settings: Settings,
    state: ExecutionState,
    tally: Tally,
    time_of_call: CallTime,
    failed_before: Mapping[str, int] | None = None,
) -> None:
    """Announce and trigger the circuit breaker of each execution of this run that is ready.

    Where the API has no circuit breaker, such an execution is completed without a request.

    Args:
        settings: the procedure's settings.
        state: the tables, for this run.
        tally: counts the changes.
        time_of_call: for how long new requests are begun.
        failed_before: how many policies in a row had failed when the call before this one ended.

    """
    endpoint = read_description(settings.api).trigger
    repetition = endpoint.repetition if endpoint else None
    mark = None if repetition is None else repetition_mark(repetition)
    is_changed = endpoint is None or mark is not None
    in_doubt: set[str] = set()

    def screened(pages: Iterable[Page]) -> Iterable[Page]:
        return without_doubt(
            is_asked=_was_announced,
            doubtful=partial(state.triggers_in_doubt, mark=mark),
            stopped=partial(_trigger_stopped, is_changed=is_changed),
            state=state,
            tally=tally,
            pages=pages,
        )

    if endpoint is None:
        _end_without_breaker(state, tally, screened(state.owned(POLICY_READY)))
        return

    def prepared(pages: Iterable[Page]) -> Iterable[Page]:
        doubtful = partial(state.triggers_in_doubt, mark=None)
        pages = note_doubts(_was_announced, doubtful, in_doubt, pages)
        announced = partial(_trigger_announced, mark=repetition_mark(repetition))
        pieces = time_of_call.in_pieces(pages)
        return announce(announced, settings.lease_seconds, state, pieces)

    step = Step(
        3,
        TRIGGER_EVENT,
        POLICY_READY,
        ("trigger",),
        partial(_trigger, in_doubt=in_doubt),
        partial(_after_trigger, endpoint=endpoint),
        is_announced=True,
    )
    pages = state.owned(POLICY_READY, with_policies=endpoint.needs_policy)
    run_step(
        settings,
        state,
        step,
        pages,
        tally,
        time_of_call,
        screened=screened,
        prepared=prepared,
        failed_before=failed_before,
    )


def _end_without_breaker(state: ExecutionState, tally: Tally, pages: Iterable[Page]) -> None:
    for page in pages:
        changes = [
            Change(
                execution=row,
                step=3,
                attempt=1,
                status_after=COMPLETED,
                event=NO_CIRCUIT_BREAKER,
                columns={"requires_circuit_breaker": False},
                message="completed; the API has no circuit breaker, so none was asked for",
            )
            for row in page.executions
        ]
        tally.add(changes, state.record(changes))


def _was_announced(execution: Execution) -> bool:
    return execution.announced


def _trigger_announced(execution: Execution, *, mark: str) -> Change:
    return Change(
        execution=execution,
        step=3,
        attempt=1,
        status_after=POLICY_READY,
        event=CIRCUIT_BREAKER_INITIATED,
        columns={"requires_circuit_breaker": True, "circuit_breaker_initiated": True},
        message=f"the circuit breaker request is about to be sent{mark}",
    )


def _trigger_stopped(execution: Execution, *, is_changed: bool) -> Change:
    which = SENT_OTHERWISE if is_changed else SENT_WITHOUT_KEY
    return Change(
        execution=execution,
        step=3,
        attempt=1,
        status_after=ERROR,
        event=TRIGGER_EVENT,
        columns={},
        message="Step 3 (trigger circuit breaker) was not repeated: "
        + trigger_in_doubt(which, execution.execution_id),
        error_class="TriggerInDoubt",
    )


def _trigger(api: PolicyApi, execution: Execution, *, in_doubt: Collection[str]) -> ApiOutcome:
    return api.trigger_circuit_breaker(
        execution.execution_id,
        execution.policy_id or "",
        execution.known_to_api_as,
        execution.policy_json,
        was_sent_before=execution.execution_id in in_doubt,
    )


def _after_trigger(execution: Execution, outcome: ApiOutcome, *, endpoint: Endpoint) -> Change:
    triggered = outcome.kind == "triggered"
    message = None if triggered else failed(3, "trigger circuit breaker", execution, outcome)
    is_in_doubt = not (triggered or endpoint.is_repeatable or outcome.was_not_processed)
    if is_in_doubt:
        message = f"{message}; {trigger_in_doubt(THIS_REQUEST, execution.execution_id)}"
    return Change(
        execution=execution,
        step=3,
        attempt=1,
        status_after=COMPLETED if triggered else ERROR,
        event=TRIGGER_EVENT,
        columns={
            "circuit_breaker_completed": True if triggered else None,
            "circuit_breaker_response": outcome.response,
        },
        outcome=outcome,
        message=message,
        error_class="TriggerInDoubt" if is_in_doubt and outcome.kind == "unknown" else None,
    )
