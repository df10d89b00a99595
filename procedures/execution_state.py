"""Reads and writes `policy_execution_state` and `policy_execution_events` for one driver.

Every UPDATE is guarded by the expected status and by the driver, and tells which rows it landed
on. State and event of one change are written in one short transaction; none is open while a
request is under way.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from snowflake.snowpark import Session
from snowflake.snowpark.exceptions import SnowparkSQLException

from procedures.bound_json import parts, to_json
from procedures.execution import Change, Execution, event_row
from procedures.history import rows_of_history
from procedures.history_statements import HISTORY_COLUMNS, read_history_sql, restore_sql
from procedures.read_statements import driven_sql, due_sql, execution_of, read_sql
from procedures.redaction import redact
from procedures.settings import Settings
from procedures.statements import (
    append_events_sql,
    apply_changes_sql,
    cancel_sql,
    claim_sql,
    clean_up_sql,
    release_sql,
    renew_lease_sql,
)
from procedures.trigger_points import reached

LOCK_CONTENTION = ("000625", "lock timeout", "number of waiters", "lock wait")
LOCK_TRIES = 8
# Rows read at a time: what a step keeps in memory does not grow with the number of executions.
PAGE_SIZE = 500

Result = TypeVar("Result")
Row = dict[str, Any]


class DuplicateExecutionError(RuntimeError):
    """An execution_id stands twice in the state table."""


class ExecutionState:
    """Reads and writes both tables for one driver.

    Args:
        session: the Snowpark session of the procedure.
        settings: the procedure's settings; the table names in them are fully qualified.
        invocation_id: who drives; only this driver's rows are written.

    """

    def __init__(self, session: Session, settings: Settings, invocation_id: str) -> None:
        self._session = session
        self._invocation_id = invocation_id
        self._state = settings.state_table
        self._events = settings.events_table
        self._lease_seconds = settings.lease_seconds

    def clean_up(self, retention_minutes: int) -> int:
        """Delete finished rows older than the retention; the events keep their history."""
        return self._write_contended(clean_up_sql(self._state, retention_minutes))

    def read(
        self, execution_ids: Iterable[str], *, with_policies: bool = False
    ) -> Iterator[Execution]:
        """Read the rows of these executions, page by page."""
        statement = read_sql(self._state, with_policies=with_policies)
        ids = list(execution_ids)
        for start in range(0, len(ids), PAGE_SIZE):
            found = self._select(statement, to_json(ids[start : start + PAGE_SIZE]))
            yield from map(execution_of, found)

    def driven(
        self,
        status: str,
        ids: Sequence[str] | None = None,
        *,
        just_read: Sequence[Execution] = (),
        with_policies: bool = False,
    ) -> Iterator[list[Execution]]:
        """Read what this driver holds at a status, page by page, with leases that last.

        A page is read when it is asked for, so that memory does not grow with the number of
        executions; what a step has moved on meanwhile lies behind it.

        Args:
            status: where they stand.
            ids: of these executions; None: of all.
            just_read: their rows as they were a moment ago: the first page is not read again.
            with_policies: whether to read the policies, too.

        """
        for found in self._pages(status, ids, just_read, with_policies=with_policies):
            page = [row for row in found if row.status == status and self.drives(row)]
            if page:
                self._keep_lease(page)
                yield page

    def _pages(
        self,
        status: str,
        ids: Sequence[str] | None,
        just_read: Sequence[Execution],
        *,
        with_policies: bool,
    ) -> Iterator[list[Execution]]:
        if ids is not None:
            first_page = list(just_read[:PAGE_SIZE])
            if first_page:
                yield first_page
            for start in range(len(first_page), len(ids), PAGE_SIZE):
                page = ids[start : start + PAGE_SIZE]
                yield list(self.read(page, with_policies=with_policies))
            return
        statement = driven_sql(self._state, PAGE_SIZE, with_policies=with_policies)
        last, full = "", True
        while full:
            found = self._select(statement, self._invocation_id, status, last)
            full = len(found) == PAGE_SIZE
            last = found[-1][0] if found else last
            yield [execution_of(row) for row in found]

    def restore(self, execution_ids: Sequence[str]) -> None:
        """Bring executions back whose rows retention removed, from their events."""
        if not execution_ids:
            return
        found = self._select(read_history_sql(self._events), to_json(execution_ids))
        rows = rows_of_history([dict(zip(HISTORY_COLUMNS, row, strict=True)) for row in found])
        for part in parts(rows):
            self._write_contended(restore_sql(self._state), part)

    def claim(
        self, executions: Iterable[Row], before: Mapping[str, Execution]
    ) -> Iterator[Execution]:
        """Claim executions for this driver, with an event for each; answers all their rows.

        What is not claimed (completed, cancelled, or driven by another run) comes back too, as
        it stands. Claim and event of a part of the list are one transaction.

        Args:
            executions: `execution_id`, and `policy_data` where there is no row yet.
            before: the rows that were there, by id.

        Raises:
            DuplicateExecutionError: when an execution_id stands twice.

        """
        reached("before_claim")
        for part in parts(executions):
            wanted = [{**row, "invocation_id": self._invocation_id} for row in part]
            yield from self._in_transaction(partial(self._claim, wanted, before))
        reached("after_claim")

    def _claim(self, wanted: Sequence[Row], before: Mapping[str, Execution]) -> list[Execution]:
        # The write that takes the lock comes first: what is read after it is what it saw.
        self._write(claim_sql(self._state, self._lease_seconds), wanted)
        given = {row["execution_id"]: row.get("policy_data") for row in wanted}
        rows = list(self.read(given))
        if len({row.execution_id for row in rows}) < len(rows):
            raise DuplicateExecutionError(
                "an execution_id stands twice in the state table; nothing was sent"
            )
        events = []
        for row in rows:
            old = before.get(row.execution_id)
            if row.sequence == (old.sequence if old else 0) or not self.drives(row):
                continue
            events.append(
                event_row(
                    row.execution_id,
                    self._invocation_id,
                    row.sequence,
                    "resumed" if old else "claimed",
                    status_before=old.status if old else None,
                    status_after=row.status,
                    policy_id=row.policy_id,
                    policy_data=None if old else redact(given[row.execution_id]),
                    message="taken up again" if old else "claimed",
                )
            )
        self._append(events)
        return rows

    def due(self, poll_interval_seconds: int, limit: int) -> list[str]:
        """Ids of open executions that nobody drives and whose next step is due, oldest first."""
        found = self._session.sql(due_sql(self._state, poll_interval_seconds, limit)).collect()
        return [row[0] for row in found]

    def release(self) -> None:
        """Give up the executions that wait for a poll, so that another driver may go on at once."""
        self._write_contended(release_sql(self._state), self._invocation_id)

    def drives(self, row: Execution) -> bool:
        """Whether this driver holds an execution."""
        return row.invocation_id == self._invocation_id and not row.cancelled

    def _keep_lease(self, executions: Sequence[Execution]) -> None:
        """Renew this driver's leases when less than two thirds are left of one of them."""
        if min(row.lease_seconds or 0 for row in executions) < self._lease_seconds * 2 / 3:
            self.renew_lease()

    def renew_lease(self) -> None:
        """Prolong the lease of every execution that this driver has open."""
        self._write_contended(
            renew_lease_sql(self._state, self._lease_seconds), self._invocation_id
        )

    def record(self, changes: Sequence[Change]) -> set[str]:
        """Write changes and their events, in one short transaction; answers whose landed.

        A change lands when its row still has the expected status and this driver. One that does
        not land leaves the row as it is, and an event that says so.
        """
        landed: set[str] = set()
        for part in parts(changes, lambda change: change.state_row()):
            landed |= self._recorded(part)
            reached(f"after_write_of_{part[0].event}")
        return landed

    def _recorded(self, changes: Sequence[Change]) -> set[str]:
        """Write changes; one that the table refuses keeps none of the others from being written.

        Answers are made such that every table can hold them. What this account still refuses is
        found by halving, and written without its answer.
        """
        try:
            return self._in_transaction(partial(self._record, changes))
        except SnowparkSQLException as error:
            if _is_contention(error):
                raise
            if len(changes) > 1:
                half = len(changes) // 2
                return self._recorded(changes[:half]) | self._recorded(changes[half:])
            bare = [changes[0].without_answer(f"the table refuses the answer: {error}")]
            return self._in_transaction(partial(self._record, bare))

    def _record(self, changes: Sequence[Change]) -> set[str]:
        event = changes[0].event
        reached(f"before_write_of_{event}")
        updated = self._write(
            apply_changes_sql(self._state, self._lease_seconds),
            [change.state_row() for change in changes],
            self._invocation_id,
        )
        reached(f"in_write_of_{event}")
        landed = {change.execution_id for change in changes}
        if updated != len(changes):
            landed = self._landed(changes)
        self._append(
            [
                change.event_row(self._invocation_id, landed=change.execution_id in landed)
                for change in changes
            ]
        )
        return landed

    def _landed(self, changes: Sequence[Change]) -> set[str]:
        now = {row.execution_id: row for row in self.read(c.execution_id for c in changes)}
        return {
            change.execution_id
            for change in changes
            if (row := now.get(change.execution_id))
            and self.drives(row)
            and row.status == change.status_after
            and row.sequence == change.execution.sequence + 1
        }

    def cancel(self, execution_id: str, message: str) -> bool:
        """End an execution for good; answers whether it was there to be ended."""
        before = list(self.read([execution_id]))

        def write() -> bool:
            row = {"execution_id": execution_id, "message": message}
            done = self._write(
                cancel_sql(self._state), [{**row, "invocation_id": self._invocation_id}]
            )
            for now in self.read([execution_id]) if done else []:
                event = event_row(
                    execution_id,
                    self._invocation_id,
                    now.sequence,
                    "cancelled",
                    status_before=before[0].status if before else None,
                    status_after=now.status,
                    policy_id=now.policy_id,
                    message=message,
                    error_class="Cancelled",
                )
                self._append([event])
            return done > 0

        return self._in_transaction(write)

    def _append(self, events: Sequence[Row]) -> None:
        for part in parts(events):
            self._write(append_events_sql(self._events), part)

    def _in_transaction(self, write: Callable[[], Result]) -> Result:
        def transaction() -> Result:
            self._session.sql("begin transaction").collect()
            try:
                result = write()
                self._session.sql("commit").collect()
            except BaseException:
                self._session.sql("rollback").collect()
                raise
            return result

        return self._contended(transaction)

    def _write_contended(self, statement: str, *bound: Any) -> int:
        return self._contended(partial(self._write, statement, *bound))

    def _select(self, statement: str, *bound: str) -> list[Any]:
        return self._session.sql(statement, params=list(bound)).collect()

    def _write(self, statement: str, *bound: Any) -> int:
        params = [value if isinstance(value, str) else to_json(value) for value in bound]
        rows = self._session.sql(statement, params=params or None).collect()
        return int(rows[0][0]) if rows else 0

    def _contended(self, write: Callable[[], Result]) -> Result:
        """Repeat a write that lost the queue for the table's lock (facts, 5: error 000625).

        A claim that met another's row, inserted at the same time, was rolled back and is repeated
        as well: keys are not enforced (facts, 5).
        """
        for tried in range(LOCK_TRIES):
            try:
                return write()
            except (SnowparkSQLException, DuplicateExecutionError) as error:
                if tried == LOCK_TRIES - 1 or not _is_contention(error):
                    raise
                time.sleep(random.uniform(0.05, 0.2 * 2**tried))
        raise AssertionError  # the loop returns or raises


def _is_contention(error: Exception) -> bool:
    text = str(error).lower()
    return isinstance(error, DuplicateExecutionError) or any(
        sign in text for sign in LOCK_CONTENTION
    )
