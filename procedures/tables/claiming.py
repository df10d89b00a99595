"""Records which executions a run is for, and claims them.

A claim is one transaction. It begins with the write that takes the table's lock, then reads what
the write did, and is rolled back when another run was first. So no earlier reading decides.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from procedures.common.bound_json import parsed, parts, to_json
from procedures.common.failpoints import reached
from procedures.common.redaction import redact
from procedures.common.settings import Settings
from procedures.description.description import read_description
from procedures.domain.execution import (
    ANNOUNCES,
    COMPLETED,
    ERROR,
    PENDING,
    Execution,
    event_row,
    repetition_mark,
)
from procedures.domain.policy_value import is_same
from procedures.tables.claim_statements import (
    claim_sql,
    claimed_events_sql,
    claimed_sql,
    free_members_sql,
    look_sql,
    members_sql,
    record_run_sql,
    refuse_sql,
)
from procedures.tables.database import LOCK_TRIES, ConflictError, Database, wait_a_little
from procedures.tables.execution_state import ExecutionState
from procedures.tables.read_statements import execution_of, read_sql
from procedures.tables.restoring import restore

# A policy from the caller: JSON, JSON text, or None to resume an execution that is there.
Given = dict[str, Any] | str | None
OTHER_POLICY = "the execution exists with another policy_data; the one given here was not sent"


class DuplicateExecutionError(ConflictError):
    """An execution_id stands twice in the state table."""


@dataclass(frozen=True)
class Seen:
    """An execution at the last look: from its row, or from its events when it has no row.

    `status` is None for an execution that nobody has begun. `policy_json` is the stored policy.
    `sent_otherwise` says whether a run began it when the API was described otherwise, so that the
    API would not know a repetition of its create.
    """

    has_row: bool
    status: str | None
    cancelled: bool
    sequence: int
    policy_json: str | None
    sent_otherwise: bool = False

    @property
    def is_new(self) -> bool:
        """Whether the execution has neither a row nor an event."""
        return not self.has_row and self.status is None

    @property
    def is_over(self) -> bool:
        """Whether the execution is completed or cancelled: no run takes it up again."""
        return self.status == COMPLETED or self.cancelled


class Claims:
    """Records and claims the executions of a run.

    Args:
        database: the procedure's session.
        settings: the procedure's settings.
        state: the tables, for this run.
        run_id: the id of the run.

    """

    def __init__(
        self, database: Database, settings: Settings, state: ExecutionState, run_id: str
    ) -> None:
        self._database = database
        self._settings = settings
        self._state = state
        self._run_id = run_id
        # How many finished rows are older than the retention, as the last look saw it.
        self.expired = 0
        description = read_description(settings.api)
        self._mark = (
            "" if description.announces_creates else repetition_mark(description.create.repetition)
        )
        self._announces = ANNOUNCES if description.announces_creates else self._mark

    def record(self, execution_ids: Sequence[str]) -> None:
        """Record which executions this run is for: all of them, or none when this fails."""
        rows = [
            {"run_id": self._run_id, "execution_id": id_, "position": position}
            for position, id_ in enumerate(execution_ids, 1)
        ]
        statement = record_run_sql(self._settings.runs_table)
        cut = list(parts(rows))
        if len(cut) == 1:
            self._database.write_contended(statement, cut[0])
        else:
            self._database.in_transaction(
                lambda: [self._database.write(statement, part) for part in cut]
            )

    def members(self, run_id: str) -> list[str]:
        """Read which executions a run is for."""
        found = self._database.select(members_sql(self._settings.runs_table), run_id)
        return [row[0] for row in found]

    def free_members(self) -> list[str]:
        """Read the executions of this run that are not over and have no live lease."""
        statement = free_members_sql(self._settings.runs_table, self._settings.state_table)
        return [row[0] for row in self._database.select(statement, self._run_id)]

    def look(self, given: Mapping[str, Given] | Sequence[str]) -> dict[str, Seen]:
        """Read the status of executions, and the stored policies where policies are given."""
        policies = given if isinstance(given, Mapping) else {}
        statement = look_sql(
            self._settings.state_table,
            self._settings.events_table,
            self._settings.breakers_table,
            self._settings.retention_minutes,
            self._mark,
            with_policies=any(policy is not None for policy in policies.values()),
        )
        found = {}
        for row in self._database.select_of(statement, given):
            self._state.sees_open_breakers = bool(row[7])
            self.expired = int(row[8])
            found[row[0]] = Seen(
                bool(row[1]), row[2], bool(row[3]), int(row[4] or 0), row[5], bool(row[6])
            )
        return found

    def refuse(self, problems: Mapping[str, str]) -> None:
        """Note why this run does not process some of its executions."""
        rows = [
            {"run_id": self._run_id, "execution_id": id_, "problem": problem}
            for id_, problem in problems.items()
        ]
        for part in parts(rows):
            self._database.write_contended(refuse_sql(self._settings.runs_table), part)

    def claim(
        self, given: Mapping[str, Given], seen: Mapping[str, Seen], *, takes_failed: bool
    ) -> Iterator[list[Execution]]:
        """Claim executions part by part, with an event for each; yields the rows of this run.

        An execution is left as it is when it is over, or when another run owns its lease. When
        another run has just begun an execution with another policy, this is noted in the run's set.
        Leases are renewed while a long list is claimed.

        Args:
            given: the policies; None for an execution that is only resumed.
            seen: the executions at the last look.
            takes_failed: whether failed executions are taken up.

        Raises:
            DuplicateExecutionError: when an execution_id stands twice.

        """
        reached("before_claim")
        if over := [id_ for id_ in given if seen[id_].is_over and not seen[id_].has_row]:
            # Only so that people find them in the table; these executions are not processed.
            restoring = partial(restore, self._database, self._settings, over)
            self._database.in_transaction(restoring)
        renewed = time.monotonic()
        for part in parts(self._wanted(given, seen, takes_failed=takes_failed)):
            yield self._claim_part(part, given, seen, takes_failed=takes_failed)
            if time.monotonic() - renewed > self._settings.lease_seconds / 3:
                self._state.renew_lease()
                renewed = time.monotonic()
        reached("after_claim")

    def _wanted(
        self, given: Mapping[str, Given], seen: Mapping[str, Seen], *, takes_failed: bool
    ) -> Iterator[dict[str, Any]]:
        for id_, policy in given.items():
            then = seen[id_]
            is_left = then.is_over or (then.status == ERROR and not takes_failed)
            if is_left or (then.is_new and policy is None):
                continue
            row: dict[str, Any] = {"execution_id": id_, "invocation_id": self._run_id}
            if takes_failed:
                row["takes_failed"] = True
            if then.is_new:
                row |= {"is_new": True, "policy_text": policy_text(policy)}
            elif not then.has_row and policy is not None:
                # The history keeps the policy's value; the row gets the policy's text again.
                row["policy_text"] = policy_text(policy)
            yield row

    def _claim_part(
        self,
        part: list[dict[str, Any]],
        given: Mapping[str, Given],
        seen: Mapping[str, Seen],
        *,
        takes_failed: bool,
    ) -> list[Execution]:
        """Claim a part of a list; when another run was first, look again and repeat."""
        for tried in range(LOCK_TRIES):
            try:
                return self._database.in_transaction(partial(self._claim, part, seen))
            except ConflictError:
                if tried == LOCK_TRIES - 1:
                    raise
                wait_a_little(tried)
            policies = {row["execution_id"]: given[row["execution_id"]] for row in part}
            seen = self.look(policies)
            others = differing(policies, seen)
            self.refuse(dict.fromkeys(others, OTHER_POLICY))
            left = {id_: policy for id_, policy in policies.items() if id_ not in others}
            part = list(self._wanted(left, seen, takes_failed=takes_failed))
            if not part:
                return []
        raise AssertionError  # the loop returns or raises

    def _claim(self, wanted: Sequence[dict[str, Any]], seen: Mapping[str, Seen]) -> list[Execution]:
        by_id = {row["execution_id"]: row for row in wanted}
        ids = list(by_id)
        if all(seen[id_].is_new for id_ in ids):
            return self._claim_new(wanted)
        statement = claim_sql(self._settings.state_table, self._settings.lease_seconds)
        # The write takes the lock, so it comes first: later reads see the same rows as the write.
        self._database.write(statement, wanted)
        reached("in_claim")
        gone = [id_ for id_ in ids if not seen[id_].has_row and not seen[id_].is_new]
        then = {id_: seen[id_].status for id_ in ids}
        if gone:
            history = restore(self._database, self._settings, gone)
            then |= {row["execution_id"]: row.get("status") for row in history}
            self._database.write(statement, [by_id[id_] for id_ in gone])
        new = {id_ for id_ in ids if seen[id_].is_new}
        rows = self._claimed(ids, check_events=bool(new))
        if set(ids) - {row.execution_id for row in rows}:
            raise ConflictError("the row of an execution was removed while it was claimed")
        mine = [row for row in rows if self._state.owns_lease(row) and not row.is_finished]
        if new - {row.execution_id for row in mine if row.sequence == 1}:
            raise ConflictError("another run was first with an execution")
        events = []
        for row in mine:
            id_ = row.execution_id
            events.append(self._event(row, by_id[id_], then[id_], seen[id_]))
        self._state.append(events)
        return mine

    def _claim_new(self, wanted: Sequence[dict[str, Any]]) -> list[Execution]:
        """Claim executions that nobody has begun; what the two writes report shows that it is so.

        Raises:
            ConflictError: when another run was first with one of them.

        """
        settings = self._settings
        statement = claim_sql(settings.state_table, settings.lease_seconds)
        inserted = self._database.write(statement, wanted)
        reached("in_claim")
        rows = [
            Execution(
                execution_id=row["execution_id"],
                status=PENDING,
                policy_id=None,
                poll_count=0,
                invocation_id=self._run_id,
                lease_seconds=settings.lease_seconds,
                sequence=1,
                cancelled=False,
                policy_json=None,
                api_execution_id=None,
                policy_name=_name_of(row["policy_text"]),
            )
            for row in wanted
        ]
        new = Seen(has_row=False, status=None, cancelled=False, sequence=0, policy_json=None)
        events = [self._event(row, by, None, new) for row, by in zip(rows, wanted, strict=True)]
        statement = claimed_events_sql(settings.state_table, settings.events_table)
        appended = sum(self._database.write(statement, part) for part in parts(events))
        if not inserted == appended == len(rows):
            raise ConflictError("another run was first with an execution")
        return rows

    def _claimed(self, ids: Sequence[str], *, check_events: bool) -> list[Execution]:
        """Read the claimed rows, in the transaction of the claim.

        Raises:
            ConflictError: when a row was inserted for an execution that has events.

        """
        state, events = self._settings.state_table, self._settings.events_table
        statement = (
            claimed_sql(state, events) if check_events else read_sql(state, with_policies=False)
        )
        rows = []
        for row in self._database.select_of(statement, ids):
            execution = execution_of(row)
            rows.append(execution)
            is_inserted = execution.sequence == 1 and self._state.owns_lease(execution)
            if check_events and is_inserted and row[-1]:
                raise ConflictError(f"execution {execution.execution_id} was there before")
        if len({row.execution_id for row in rows}) < len(rows):
            raise DuplicateExecutionError(
                "an execution_id stands twice in the state table; nothing was sent"
            )
        return rows

    def _event(
        self, row: Execution, wanted: Mapping[str, Any], before: str | None, then: Seen
    ) -> dict[str, Any]:
        is_new = "is_new" in wanted
        known = then.sequence + 1 == row.sequence or not then.has_row
        return event_row(
            row.execution_id,
            self._run_id,
            row.sequence,
            "claimed" if is_new else "resumed",
            status_before=before if known else None,
            status_after=row.status,
            policy_id=row.policy_id,
            policy_data=redact(parsed(wanted["policy_text"])) if is_new else None,
            message=("claimed" if is_new else "taken up again") + self._announces,
        )


def _name_of(text: str) -> str | None:
    """The policy_name of a policy, as a read of its row has it."""
    name = parsed(text).get("policy_name")
    return name[:200] if isinstance(name, str) else None


def policy_text(policy: Given) -> str | None:
    """The text of a policy as it is sent; a retry sends the same text."""
    return policy if policy is None or isinstance(policy, str) else to_json(policy)


def parsed_policy(policy: Given) -> Any:
    """A policy as JSON."""
    return parsed(policy) if isinstance(policy, str) else policy


def differing(given: Mapping[str, Given], seen: Mapping[str, Seen]) -> dict[str, Any]:
    """Find the executions that exist with another policy; returns the stored policies by id."""
    found = {}
    for id_, policy in given.items():
        stored = seen[id_].policy_json
        if policy is not None and stored is not None and not is_same(stored, policy):
            found[id_] = parsed(stored)
    return found
