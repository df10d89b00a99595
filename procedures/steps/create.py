"""Step 1: create each pending policy at the API and store its policy_id."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from procedures.common.failpoints import reached
from procedures.common.redaction import REDACTED
from procedures.common.settings import Settings
from procedures.description.description import Description, read_description
from procedures.domain.api_outcome import ApiOutcome
from procedures.domain.execution import (
    CREATE_INITIATED,
    ERROR,
    PENDING,
    POLICY_ADOPTED,
    POLICY_CREATED,
    Change,
    Execution,
    repetition_mark,
)
from procedures.domain.ownership import NotBegunError
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
from procedures.tables.claiming import Given, policy_text
from procedures.tables.execution_state import ExecutionState, Page

CREATE_EVENT = "create_policy"


def create_in_doubt(which: str, execution_id: str) -> str:
    """Say what a person decides when nobody knows whether a request created the policy."""
    retry = "dbt run-operation retry_policy_workflow --args"
    return (
        f"{which} may have created the policy. Look at the API whether "
        f"the policy is there. If it is: {retry} '{{execution_id: {execution_id}, policy_id: ...}}'"
        f". If it is not: {retry} '{{execution_id: {execution_id}, create: again}}'"
    )


def create_policies(
    settings: Settings,
    state: ExecutionState,
    tally: Tally,
    time_of_call: CallTime,
    given: Mapping[str, Given],
    claimed: Sequence[Execution] | None = None,
    since: float | None = None,
    sent_otherwise: Collection[str] | None = (),
    allowed: Collection[str] = (),
    failed_before: Mapping[str, int] | None = None,
) -> None:
    """Create the policy of each execution of this run that is pending.

    A retry sends the stored text of the policy, so that an API that compares the bodies of one
    idempotency key sees no difference. When the whole policy is no longer known, nothing is sent,
    and the execution ends in 'error'. Where a request may have been sent before, the description
    says what happens: the request is repeated with its key; or the API is asked whether the policy
    is there; or a person decides.

    Args:
        settings: the procedure's settings.
        state: the tables, for this run.
        tally: counts the changes.
        time_of_call: for how long new requests are begun.
        given: the policies by execution, where the caller has just given them.
        claimed: all rows of the run as they were claimed; None when they are not known.
        since: when these rows were claimed, if that was a moment ago.
        sent_otherwise: executions that a run began when the API was described otherwise, so that
            the API would not know a repetition; None when this is not known.
        allowed: executions whose policy a person wants to be created, whatever happened before.
        failed_before: how many policies in a row had failed when the call before this one ended.

    """
    description = read_description(settings.api)
    announces = description.announces_creates
    mark = None if announces else repetition_mark(description.create.repetition)
    may_differ = not description.finds and (sent_otherwise is None or bool(sent_otherwise))
    in_doubt: set[str] = set()

    def screened(pages: Iterable[Page]) -> Iterable[Page]:
        if announces or may_differ:
            pages = without_doubt(
                is_asked=lambda row: (
                    _was_resumed(row)
                    and (announces or sent_otherwise is None or row.execution_id in sent_otherwise)
                ),
                doubtful=partial(state.creates_in_doubt, mark=mark),
                stopped=partial(_create_stopped, is_changed=not announces),
                state=state,
                tally=tally,
                pages=pages,
            )
        return pages

    def prepared(pages: Iterable[Page]) -> Iterable[Page]:
        if announces:
            pieces = time_of_call.in_pieces(pages)
            pages = announce(_create_announced, settings.lease_seconds, state, pieces)
        if description.create.already:
            doubtful = partial(state.creates_in_doubt, mark=None)
            pages = note_doubts(_was_resumed, doubtful, in_doubt, pages)
        return pages

    step = Step(
        1,
        CREATE_EVENT,
        PENDING,
        ("find", "create") if description.finds else ("create",),
        partial(_create, description=description, allowed=allowed, in_doubt=in_doubt),
        partial(_after_create, description=description),
        is_announced=announces,
    )
    pages = _sendable(settings, state, tally, given, claimed, since)
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


def _sendable(
    settings: Settings,
    state: ExecutionState,
    tally: Tally,
    given: Mapping[str, Given],
    claimed: Sequence[Execution] | None,
    since: float | None,
) -> Iterator[Page]:
    pending = None if claimed is None else [row for row in claimed if row.status == PENDING]
    if pending == []:
        return
    # The policy of a new execution was just given, and is not read back.
    are_new = pending is not None and all(row.sequence == 1 for row in pending)
    known = None
    if pending and are_new and since is not None:
        known = Page(pending, since, settings.lease_seconds)
    for page in state.owned(PENDING, just_claimed=known, with_policies=not are_new):
        rows = [_with_policy(row, given.get(row.execution_id)) for row in page.executions]
        lost = [row for row in rows if _is_lost(row)]
        if lost:
            unsendable = [_after_loss(row) for row in lost]
            tally.add(unsendable, state.record(unsendable))
        sendable = [row for row in rows if row not in lost]
        if sendable:
            yield page._replace(executions=sendable)


def _is_lost(row: Execution) -> bool:
    """Whether a row has no whole policy: it was not read, or its secrets were redacted."""
    return row.policy_json is None or REDACTED in row.policy_json


def _with_policy(row: Execution, given: Given) -> Execution:
    """Take the given policy when the row has no whole policy."""
    return replace(row, policy_json=policy_text(given)) if given and _is_lost(row) else row


def _after_loss(row: Execution) -> Change:
    return _unsent(
        row,
        "Step 1 (create policy) was not begun: the history does not keep the policy's secrets. Run "
        "it again with its policy_data",
        "SecretsNotKept",
    )


def _was_resumed(row: Execution) -> bool:
    """Whether an earlier run may have sent a request: a new execution has one event."""
    return row.sequence > 1


def _create_announced(row: Execution) -> Change:
    return Change(
        execution=row,
        step=1,
        attempt=1,
        status_after=PENDING,
        event=CREATE_INITIATED,
        columns={},
        message="the request to create the policy is about to be sent",
    )


def _create_stopped(row: Execution, *, is_changed: bool) -> Change:
    why = create_in_doubt(SENT_OTHERWISE if is_changed else SENT_WITHOUT_KEY, row.execution_id)
    return _unsent(row, f"Step 1 (create policy) was not repeated: {why}", "CreateInDoubt")


def _unsent(row: Execution, message: str, error_class: str) -> Change:
    return Change(
        execution=row,
        step=1,
        attempt=1,
        status_after=ERROR,
        event=CREATE_EVENT,
        columns={},
        message=message,
        error_class=error_class,
    )


def _create(
    api: PolicyApi,
    execution: Execution,
    *,
    description: Description,
    allowed: Collection[str],
    in_doubt: Collection[str],
) -> ApiOutcome:
    was_resumed = _was_resumed(execution)
    if description.finds and was_resumed and execution.execution_id not in allowed:
        found = _find(api, execution)
        if found.kind != "absent":
            return found
    outcome = api.create_policy(
        execution.execution_id,
        execution.policy_json or "",
        was_sent_before=(
            execution.execution_id in in_doubt
            if description.create.already
            else was_resumed and not description.announces_creates
        ),
    )
    if description.finds and outcome.kind == "unknown":
        # The create was sent: its outcome counts, also when nothing more is begun.
        with suppress(NotBegunError):
            found = _find(api, execution)
            if found.kind == "found":
                return found
    return outcome


def _find(api: PolicyApi, execution: Execution) -> ApiOutcome:
    """Ask whether the policy is there; what is neither yes nor no is unclear."""
    reached("before_request_of_find_policy")
    found = api.find_policy(execution.execution_id, execution.policy_json or "")
    reached("after_request_of_find_policy")
    if found.kind in ("found", "absent"):
        return found
    message = (
        f"the API was asked whether the policy is there, before it is created: {found.message}"
    )
    is_unclear = found.kind in ("unreadable", "not_ready") or found.http_status in (404, 410)
    error_class = "FindUnclear" if is_unclear else found.error_class
    return replace(found, message=message, error_class=error_class)


def _after_create(execution: Execution, outcome: ApiOutcome, *, description: Description) -> Change:
    is_there = outcome.kind in ("created", "found")
    error_class = None if is_there else _error_class(outcome, description)
    message = None if is_there else failed(1, "create policy", execution, outcome)
    if message and description.announces_creates and not outcome.was_not_processed:
        message = f"{message}; {create_in_doubt(THIS_REQUEST, execution.execution_id)}"
    return Change(
        execution=execution,
        step=1,
        attempt=1,
        status_after=POLICY_CREATED if is_there else ERROR,
        event=POLICY_ADOPTED if outcome.kind == "found" else CREATE_EVENT,
        columns={
            "policy_id": outcome.policy_id if is_there else None,
            "api_response": outcome.response,
        },
        outcome=outcome,
        message=message,
        error_class=error_class,
    )


def _error_class(outcome: ApiOutcome, description: Description) -> str | None:
    """The word for a doubt that depends on the description; None to keep the outcome's word."""
    if outcome.kind != "unknown" or outcome.error_class in ("RepeatedConflict", "AlreadyWithoutId"):
        return None
    if description.finds:
        return "CreateToFind"
    return "CreateInDoubt" if description.announces_creates else None
