"""Step 1: create each pending policy at the API and store its policy_id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from procedures.common.redaction import REDACTED
from procedures.common.settings import Settings
from procedures.domain.api_outcome import ApiOutcome
from procedures.domain.execution import ERROR, PENDING, POLICY_CREATED, Change, Execution
from procedures.domain.tally import Tally
from procedures.http.policy_api import PolicyApi
from procedures.steps.step import Step, failed, run_step
from procedures.tables.claiming import Given, policy_text
from procedures.tables.execution_state import ExecutionState, Page


def create_policies(
    settings: Settings,
    state: ExecutionState,
    tally: Tally,
    given: Mapping[str, Given],
    claimed: Sequence[Execution] | None = None,
    since: float | None = None,
) -> None:
    """Send POST /createpolicy for each execution of this run that is pending.

    A retry sends the stored text of the policy, so that an API that compares the bodies of one
    Idempotency-Key sees no difference. When the whole policy is no longer known, nothing is sent,
    and the execution ends in 'error'.

    Args:
        settings: the procedure's settings.
        state: the tables, for this run.
        tally: counts the changes.
        given: the policies by execution, where the caller has just given them.
        claimed: all rows of the run as they were claimed; None when they are not known.
        since: when these rows were claimed, if that was a moment ago.

    """
    pages = _sendable(settings, state, tally, given, claimed, since)
    run_step(settings, state, Step(1, "create_policy", _create, _after_create), pages, tally)


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
    return Change(
        execution=row,
        step=1,
        attempt=1,
        status_after=ERROR,
        event="create_policy",
        columns={},
        message="Step 1 (create policy) was not begun: the history does not keep the policy's "
        "secrets. Run it again with its policy_data",
        error_class="SecretsNotKept",
    )


def _create(api: PolicyApi, execution: Execution) -> ApiOutcome:
    return api.create_policy(execution.execution_id, execution.policy_json or "")


def _after_create(execution: Execution, outcome: ApiOutcome) -> Change:
    created = outcome.kind == "created"
    message = None if created else failed(1, "create policy", execution, outcome)
    return Change(
        execution=execution,
        step=1,
        attempt=1,
        status_after=POLICY_CREATED if created else ERROR,
        event="create_policy",
        columns={
            "policy_id": outcome.policy_id if created else None,
            "api_response": outcome.response,
        },
        outcome=outcome,
        message=message,
    )
