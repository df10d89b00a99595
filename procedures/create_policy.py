"""Step 1: create each policy at the API and store its policy_id."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from snowflake.snowpark import Session

from procedures.api_outcome import ApiOutcome
from procedures.bound_json import to_json
from procedures.execution import COMPLETED, ERROR, PENDING, POLICY_CREATED, Change, Execution
from procedures.execution_state import ExecutionState
from procedures.policy_api import PolicyApi
from procedures.policy_source import SourceError, read_policy_source
from procedures.redaction import REDACTED, redact
from procedures.request import read_request, requested_executions, whole_number
from procedures.settings import Settings, load_settings
from procedures.steps import LISTED, Tally, drive, failed

# A policy as the caller gave it: as JSON, as its text, or not at all, to resume what is there.
Given = dict[str, Any] | str | None


def create_policy(session: Session, request: str) -> dict[str, Any]:
    """Clean up, claim the executions, and send POST /createpolicy for those still pending.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "executions": [{"execution_id": ...,
            "policy_data": {...}}]}`; without `policy_data` an execution is only resumed. Instead
            of `executions`, `policies_from` names a relation with policies (see policy_source),
            each of at most `max_policy_characters`, and `resume_failed: false` leaves alone what
            has failed. Without either it only cleans up, with `retention_minutes` (default: the
            registered one).

    Returns:
        Counts by status; `total`, the number of executions; `standing`, what this driver does not
        hold: count and first ids of the `completed`, the `cancelled`, the `failed`, and the
        `waiting`, which the runs in `drivers` hold; `refused` (executions that exist with another
        policy_data: nothing is sent for any execution of the request), `unknown` (ids to resume
        that are not there) and `cleaned` (rows removed). Of a relation also `source_problem`, why
        it cannot be read, or `invalid` and `invalid_rows`, its rows that are no policies: then,
        too, nothing is sent.

    """
    wanted = read_request(request)
    settings = load_settings()
    state = ExecutionState(session, settings, wanted["invocation_id"])
    given: dict[str, Given] = dict(requested_executions(wanted))
    if relation := wanted.get("policies_from"):
        most = whole_number(wanted, "max_policy_characters", 100_000, 1, 900_000)
        try:
            source = read_policy_source(session, relation, wanted["invocation_id"], most)
        except SourceError as error:
            return Tally().told(source_problem=str(error))
        if source.invalid:
            return Tally().told(
                total=len(source.policies) + source.invalid,
                invalid=source.invalid,
                invalid_rows=source.problems,
            )
        given.update(source.policies)
    retention = wanted.get("retention_minutes")
    cleaned = state.clean_up(settings.retention_minutes if retention is None else int(retention))
    if not given:
        return Tally().told(cleaned=cleaned, total=0)

    known, refused = _known(state, given)
    # Ids made from this invocation are new; any other may have a history.
    made = f"{wanted['invocation_id']}-"
    missing = [id_ for id_ in given if id_ not in known and not id_.startswith(made)]
    if missing:
        state.restore(missing)
        restored, also_refused = _known(state, {id_: given[id_] for id_ in missing})
        known |= restored
        refused += also_refused
    if refused:
        return Tally().told(cleaned=cleaned, refused=refused[:LISTED], refusals=len(refused))
    unknown = [id_ for id_, policy in given.items() if id_ not in known and policy is None]
    left = set(unknown)
    if wanted.get("resume_failed") is False:
        left |= {row.execution_id for row in known.values() if row.status == ERROR}
    wanted_rows = (_claimed_row(id_, policy) for id_, policy in given.items() if id_ not in left)
    claimed = state.claim(wanted_rows, known)
    rows = [*claimed, *(known[id_] for id_ in left & set(known))]
    tally = Tally()
    mine = [row for row in rows if state.drives(row)]
    wanted_policies = {row.execution_id: given[row.execution_id] for row in mine}
    create_policies(settings, state, tally, wanted_policies, mine)
    return tally.told(
        cleaned=cleaned,
        unknown=unknown[:LISTED],
        total=len(given),
        **_standing([row for row in rows if not state.drives(row)]),
    )


def create_policies(
    settings: Settings,
    state: ExecutionState,
    tally: Tally,
    given: Mapping[str, Given],
    just_claimed: Sequence[Execution] = (),
) -> None:
    """Send POST /createpolicy for each execution that is pending.

    A policy that comes from the history without its secrets is not sent: it ends in 'error'.

    Args:
        settings: the procedure's settings.
        state: the tables, for this driver.
        tally: what it comes to.
        given: the executions, each with its policy where the caller has just given it, so that it
            is whole: digits of numbers included, secrets included.
        just_claimed: their rows, in the same order, where the claim has just read them.

    """
    pages = _sendable(state, tally, given, just_claimed)
    drive(settings, state, "create_policy", pages, _create, _after_create, tally)


def _sendable(
    state: ExecutionState,
    tally: Tally,
    given: Mapping[str, Given],
    just_claimed: Sequence[Execution],
) -> Iterator[list[Execution]]:
    # The claim reads no policies.
    resumed = any(policy is None for policy in given.values())
    known = () if resumed else just_claimed
    for page in state.driven(PENDING, list(given), just_read=known, with_policies=resumed):
        rows = [_with_policy(row, given[row.execution_id]) for row in page]
        lost = [row for row in rows if given[row.execution_id] is None and _is_lost(row)]
        if lost:
            unsendable = [_after_loss(row) for row in lost]
            tally.add(unsendable, state.record(unsendable))
        yield [row for row in rows if row not in lost]


def _known(
    state: ExecutionState, given: Mapping[str, Given]
) -> tuple[dict[str, Execution], list[dict[str, Any]]]:
    """Read what is there, without policies, and which of it has another policy than given."""
    known: dict[str, Execution] = {}
    refused = []
    for row in state.read(given, with_policies=True):
        policy = _parsed(given[row.execution_id])
        stored = _parsed(row.policy_json)
        if policy is not None and stored is not None and not _is_same(stored, policy):
            refused.append(
                {
                    "execution_id": row.execution_id,
                    "stored": redact(stored),
                    "given": redact(policy),
                }
            )
        known[row.execution_id] = replace(row, policy_json=None)
    return known, refused


def _standing(rows: Sequence[Execution]) -> dict[str, Any]:
    """Say how executions stand that this driver does not hold."""
    groups: dict[str, list[str]] = {"completed": [], "cancelled": [], "failed": [], "waiting": []}
    drivers = set()
    for row in rows:
        if row.status == COMPLETED:
            group = "completed"
        elif row.cancelled:
            group = "cancelled"
        elif row.status == ERROR:
            group = "failed"
        else:
            group = "waiting"
            drivers.add(row.invocation_id)
        groups[group].append(row.execution_id)
    return {
        "standing": {
            name: {"count": len(ids), "ids": ids[:LISTED]} for name, ids in groups.items()
        },
        "drivers": sorted(driver for driver in drivers if driver)[:LISTED],
    }


def _claimed_row(execution_id: str, policy: Given) -> dict[str, Any]:
    row: dict[str, Any] = {"execution_id": execution_id}
    return row if policy is None else row | {"policy_data": _parsed(policy)}


def _parsed(policy: Given) -> Any:
    return json.loads(policy) if isinstance(policy, str) else policy


def _is_same(stored: Any, given: Any) -> bool:
    """Whether a policy is the stored one, by value; a restored one has lost its secrets.

    A table keeps numbers, not their digits: 1.0 comes back as 1 (facts, 00).
    """
    if isinstance(stored, dict) and isinstance(given, dict):
        return stored.keys() == given.keys() and all(
            _is_same(item, given[key]) for key, item in stored.items()
        )
    if isinstance(stored, list) and isinstance(given, list):
        return len(stored) == len(given) and all(map(_is_same, stored, given))
    if stored == REDACTED and isinstance(given, str | int | float):
        return True
    same_kind = isinstance(stored, bool) is isinstance(given, bool)
    return bool(stored == given) and same_kind


def _is_lost(row: Execution) -> bool:
    """Whether nobody here knows the policy any more, whole as it was."""
    return row.policy_json is None or REDACTED in row.policy_json


def _with_policy(row: Execution, given: Given) -> Execution:
    """Prefer the policy as it was given now, to the letter."""
    if given is None:
        return row
    return replace(row, policy_json=given if isinstance(given, str) else to_json(given))


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
