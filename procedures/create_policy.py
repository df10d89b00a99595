"""Step 1: create each policy at the API and store its policy_id."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

from snowflake.snowpark import Session

from procedures.common.printable import printable
from procedures.common.redaction import redact
from procedures.common.settings import Settings, load_settings
from procedures.domain.execution import COMPLETED, POLICY_CREATED, POLICY_READY, Execution
from procedures.domain.request import (
    Decision,
    read_decision,
    read_failed_in_row,
    read_request,
    read_run_id,
    requested_executions,
    whole_number,
)
from procedures.domain.tally import LISTED, Tally
from procedures.http.credentials import secret_problem
from procedures.steps.call_time import CallTime
from procedures.steps.create import create_policies
from procedures.steps.deciding import apply_decision
from procedures.tables.claiming import Claims, Given, Seen, differing, parsed_policy
from procedures.tables.database import Database
from procedures.tables.execution_state import ExecutionState
from procedures.tables.policy_source import SourceError, read_policy_source
from procedures.tables.restoring import restore


def create_policy(session: Session, request: str) -> dict[str, Any]:
    """Clean up, fix which executions the run is for, claim them, and create those still pending.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ...}`, the run's id, and one of these:
            `"executions": [{"execution_id": ..., "policy_data": {...}}]`; without `policy_data` an
            execution is only resumed;
            `"policies_from"`, a relation with policies (see policy_source), each of at most
            `max_policy_characters`;
            `"of_run"`, the id of another run: its executions that are not completed;
            `"take_over": true`: the executions of this run for which no run holds a live lease;
            `"go_on": true`: the executions of this run that are still to be created, after an
            answer with `more`, whose `failed_in_row` is given back.
            Without any of these it only cleans up, with `retention_minutes` (default: the
            registered number).
            With one execution that is resumed, one of these is what a person decided:
            `"create": "again"` or `"trigger": "again"` sends a request again whose outcome is in
            doubt; `"trigger": "confirmed"` says that the circuit breaker is triggered;
            `"policy_id"` is the id of the policy that is there at the API. `"role"` is the role of
            the person, for the event.

    Returns:
        Counts by status of the changes. `total` is the number of the run's executions; `to_poll`
        and `to_trigger` say how many of them this run polls and triggers next; `completed` says how
        many were completed before; `cleaned` is the number of rows removed. With `more` the time of
        the call was over before all were created: another call goes on, with `go_on`.
        Any of these means that nothing was recorded and nothing sent: `refused`, executions that
        exist with another policy_data; `unknown`, ids to resume that do not exist;
        `undecidable`, the execution for which nothing is to be decided, and why;
        `source_problem`, why the relation cannot be read; `invalid` and `invalid_rows`, rows of the
        relation that are no policies; `secret_problem`, the secret that cannot be used, and why.
        With `go_on` the latter means that nothing more is sent, and that no lease is held.

    """
    wanted = read_request(request)
    settings, database = load_settings(), Database(session)
    state = ExecutionState(database, settings, wanted["invocation_id"])
    claims = Claims(database, settings, state, wanted["invocation_id"])
    time_of_call = CallTime(settings)
    if wanted.get("go_on") is True:
        return _go_on(settings, state, time_of_call, read_failed_in_row(wanted))
    if wanted.get("take_over") is True:
        free: dict[str, Given] = dict.fromkeys(claims.free_members())
        seen = claims.look(free)
        return _begin(settings, state, claims, time_of_call, free, seen, takes_failed=False)
    given: dict[str, Given] = dict(requested_executions(wanted))
    decision = read_decision(wanted)
    if decision:
        row = _row_to_decide(decision, database, settings, state)
        if row and (problem := decision.problem(row, wanted["invocation_id"])):
            why = {"execution_id": decision.execution_id, "why": problem}
            return Tally().summary(undecidable=[why])
        by = _who_decides(database, wanted.get("role"))
        decision = decision._replace(by=by, sequence=row.sequence if row else 0)
    if wanted.get("policies_from"):
        policies, problem_of_source = _policies_from(session, wanted)
        if problem_of_source:
            return Tally().summary(**problem_of_source)
        given.update(policies)
    if of_run := wanted.get("of_run"):
        given.update(dict.fromkeys(claims.members(read_run_id(of_run))))
    if not given:
        return Tally().summary(cleaned=_cleaned(wanted, settings, state), total=0)
    seen, cleaned = _look(settings, state, claims, given)
    if of_run:
        members = len(given)
        given = {id_: None for id_ in given if seen[id_].status != COMPLETED}
        if not given:
            return Tally().summary(cleaned=cleaned, total=0, members=members)
    elif unknown := [id_ for id_, policy in given.items() if policy is None and seen[id_].is_new]:
        return Tally().summary(cleaned=cleaned, unknown=unknown[:LISTED])
    if others := differing(given, seen):
        return Tally().summary(cleaned=cleaned, refused=_shown(given, others), refusals=len(others))
    begun = _begin(
        settings, state, claims, time_of_call, given, seen, takes_failed=True, decision=decision
    )
    return begun | {"cleaned": cleaned}


def _go_on(
    settings: Settings,
    state: ExecutionState,
    time_of_call: CallTime,
    failed_before: Mapping[str, int],
) -> dict[str, Any]:
    """Create the executions that this run has claimed in an earlier call and not begun."""
    tally = Tally()
    if problem := secret_problem(settings.api):
        state.release(everything=True)
        return tally.summary(**problem)
    create_policies(
        settings, state, tally, time_of_call, {}, sent_otherwise=None, failed_before=failed_before
    )
    return tally.summary(has_left=time_of_call.has_left, to_poll=tally.counts[POLICY_CREATED])


def _begin(
    settings: Settings,
    state: ExecutionState,
    claims: Claims,
    time_of_call: CallTime,
    given: Mapping[str, Given],
    seen: Mapping[str, Seen],
    *,
    takes_failed: bool,
    decision: Decision | None = None,
) -> dict[str, Any]:
    """Claim executions, apply what a person decided, and create those that are pending."""
    tally = Tally()
    is_open = any(then.status != COMPLETED for then in seen.values())
    if is_open and (problem := secret_problem(settings.api)):
        return tally.summary(**problem)
    if takes_failed:  # A takeover is of executions that are recorded.
        claims.record(list(given))
    since = time.monotonic()
    claimed = list(claims.claim(given, seen, takes_failed=takes_failed))
    rows = [row for part in claimed for row in part]
    is_allowed = False
    if decision:
        rows, is_allowed = apply_decision(decision, rows, state, tally)
    # One part was claimed a moment ago; the first parts of a long list were claimed earlier.
    create_policies(
        settings,
        state,
        tally,
        time_of_call,
        given,
        rows,
        since if len(claimed) <= 1 else None,
        sent_otherwise=[id_ for id_, then in seen.items() if then.sent_otherwise],
        allowed=[decision.execution_id] if decision and is_allowed else [],
    )
    at = Counter(row.status for row in rows)
    return tally.summary(
        has_left=time_of_call.has_left,
        total=len(given),
        to_poll=at[POLICY_CREATED] + tally.counts[POLICY_CREATED],
        to_trigger=at[POLICY_READY],
        completed=sum(then.status == COMPLETED for then in seen.values()),
    )


def _look(
    settings: Settings, state: ExecutionState, claims: Claims, given: Mapping[str, Given]
) -> tuple[dict[str, Seen], int]:
    """Read the status of executions, after finished rows past their retention are removed.

    Rows that are wanted now go with the others: a claim finds them in the history.
    """
    seen = claims.look(given)
    if not claims.expired:
        return seen, 0
    cleaned = state.clean_up(settings.retention_minutes)
    return claims.look(given), cleaned


def _cleaned(wanted: Mapping[str, Any], settings: Settings, state: ExecutionState) -> int:
    """Remove finished rows, older than the retention that is asked for or registered."""
    retention = wanted.get("retention_minutes")
    return state.clean_up(settings.retention_minutes if retention is None else int(retention))


def _policies_from(
    session: Session, wanted: Mapping[str, Any]
) -> tuple[Mapping[str, Given], dict[str, Any]]:
    """Read the policies of a relation, or why they cannot be taken, as the answer has it."""
    most = whole_number(dict(wanted), "max_policy_characters", 100_000, 1, 900_000)
    try:
        source = read_policy_source(session, wanted["policies_from"], wanted["invocation_id"], most)
    except SourceError as error:
        return {}, {"source_problem": str(error)}
    if not source.invalid:
        return source.policies, {}
    return {}, {
        "total": len(source.policies) + source.invalid,
        "invalid": source.invalid,
        "invalid_rows": source.problems,
    }


def _row_to_decide(
    decision: Decision, database: Database, settings: Settings, state: ExecutionState
) -> Execution | None:
    """Read the row that a decision is about; retention may have removed the row."""
    wanted = [decision.execution_id]
    row = next(state.read(wanted), None)
    if row is None:
        database.in_transaction(partial(restore, database, settings, wanted))
        row = next(state.read(wanted), None)
    return row


def _who_decides(database: Database, role: Any) -> str:
    """Name the person who calls; the role is the caller's word, as the owner's role runs here."""
    ((user,),) = database.select("select current_user() as user_name")
    known = f"user {user}" if user else "a user"
    return printable(f"{known} with role {role}" if isinstance(role, str) else known, 300)


def _shown(given: Mapping[str, Given], others: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The first executions that exist with another policy, with both policies redacted."""
    return [
        {
            "execution_id": id_,
            "stored": redact(stored),
            "given": redact(parsed_policy(given[id_])),
        }
        for id_, stored in list(others.items())[:LISTED]
    ]
