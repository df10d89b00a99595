"""Reads and writes `policy_execution_state` and `policy_execution_events` for one run.

Every UPDATE is guarded by the expected status and by the lease owner; afterwards it is known to
which rows it was applied. The row and the event of a change are written in one short transaction.
No transaction is open while a request is under way.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from snowflake.snowpark.exceptions import SnowparkSQLException

from procedures.common.bound_json import parts
from procedures.common.failpoints import reached
from procedures.common.settings import Settings
from procedures.domain.execution import (
    CIRCUIT_BREAKER_INITIATED,
    CREATE_INITIATED,
    SUPERSEDED,
    Change,
    Execution,
    event_row,
)
from procedures.tables.breakers import Breakers
from procedures.tables.database import PAGE_SIZE, ConflictError, Database, is_contention
from procedures.tables.read_statements import (
    announcement_condition,
    claim_condition,
    due_sql,
    execution_of,
    in_doubt_sql,
    owned_sql,
    read_sql,
)
from procedures.tables.restoring import restore
from procedures.tables.statements import (
    append_events_sql,
    apply_changes_sql,
    cancel_sql,
    clean_up_sql,
    release_sql,
    renew_lease_sql,
)

WITHHELD = "not sent: the execution was cancelled, or another run has taken it over"

Row = dict[str, Any]


class Page(NamedTuple):
    """Executions that this run owned at `since`, and the seconds left of the shortest lease.

    `since` is a `time.monotonic()`.
    """

    executions: list[Execution]
    since: float
    lease_seconds: float


class Owned(NamedTuple):
    """The ids that this run still owned at `since`, and the seconds left of the shortest lease."""

    execution_ids: set[str]
    since: float
    lease_seconds: float


class ExecutionState:
    """Reads and writes both tables for one run.

    Args:
        database: the session of the procedure.
        settings: the procedure's settings; the names of tables in them are fully qualified.
        run_id: the id of the run; only rows that this run owns are written.

    """

    def __init__(self, database: Database, settings: Settings, run_id: str) -> None:
        self._database = database
        self._settings = settings
        self._run_id = run_id
        self._state = settings.state_table
        self._events = settings.events_table
        self._lease_seconds = settings.lease_seconds
        self.breakers = Breakers(database, settings, run_id)
        # Whether a breaker is not closed, as the last read of executions saw it.
        self.sees_open_breakers = False
        # The time of the first read.
        self.read_at: str | None = None

    def clean_up(self, retention_minutes: int) -> int:
        """Delete finished rows older than the retention; their events stay."""
        return self._database.write_contended(clean_up_sql(self._state, retention_minutes))

    def read(
        self, execution_ids: Iterable[str], *, with_policies: bool = False
    ) -> Iterator[Execution]:
        """Read the rows of these executions, page by page."""
        statement = read_sql(self._state, with_policies=with_policies)
        yield from map(execution_of, self._database.select_of(statement, execution_ids))

    def owned(
        self,
        status: str,
        *,
        just_claimed: Page | None = None,
        with_policies: bool = False,
        unpolled_since: str | None = None,
    ) -> Iterator[Page]:
        """Read the executions that this run owns at a status, page by page.

        A page is read when the caller asks for it, so that memory does not grow with the number of
        executions. Where little is left of a lease, the leases are renewed first.

        Args:
            status: the status of the executions.
            just_claimed: all these executions, when they were claimed a moment ago; then the table
                is not read again.
            with_policies: whether to read the policies, too.
            unpolled_since: only executions that were not polled since this time, text in UTC.

        """
        if just_claimed is not None:
            rows = [row for row in just_claimed.executions if row.status == status]
            if rows:
                yield just_claimed._replace(executions=rows)
            return
        statement = owned_sql(
            self._state,
            self._settings.breakers_table,
            PAGE_SIZE,
            with_policies=with_policies,
            unpolled=unpolled_since is not None,
        )
        also = [] if unpolled_since is None else [unpolled_since]
        last, full = "", True
        while full:
            since = time.monotonic()
            found = self._database.select(statement, self._run_id, status, last, *also)
            if found:
                self.sees_open_breakers = bool(found[0][-2])
                self.read_at = self.read_at or found[0][-1]
            full = len(found) == PAGE_SIZE
            last = found[-1][0] if found else last
            rows = [execution_of(row) for row in found]
            page = Page(rows, since, self._shortest(rows))
            if self._is_little(page.lease_seconds):
                owned = self.still_owned([row.execution_id for row in rows])
                rows = [row for row in rows if row.execution_id in owned.execution_ids]
                page = Page(rows, owned.since, owned.lease_seconds)
            if page.executions:
                yield page

    def still_owned(self, execution_ids: Iterable[str]) -> Owned:
        """Read which executions this run still owns; renews the leases when little is left."""
        ids = list(execution_ids)
        rows, since = self._owned(ids)
        if self._is_little(self._shortest(rows)):
            self.renew_lease()
            rows, since = self._owned(ids)
        rows = [row for row in rows if (row.lease_seconds or 0) > 0]
        return Owned({row.execution_id for row in rows}, since, self._shortest(rows))

    def _owned(self, ids: list[str]) -> tuple[list[Execution], float]:
        since = time.monotonic()
        return [row for row in self.read(ids) if self.owns_lease(row)], since

    def _shortest(self, rows: Sequence[Execution]) -> float:
        return min((row.lease_seconds or 0 for row in rows), default=self._lease_seconds)

    def _is_little(self, lease_seconds: float) -> bool:
        return lease_seconds < self._lease_seconds * 2 / 3

    def creates_in_doubt(self, execution_ids: Iterable[str], mark: str | None) -> set[str]:
        """Read which executions may have a create at the API whose outcome nobody knows.

        A claim of a pending execution counts as an announcement, unless its run announces each
        create: the create was perhaps sent, as the API was described otherwise then.

        Args:
            execution_ids: the executions.
            mark: count only creates whose repetition the API would not know, as it is described
                now (see repetition_mark); None to count all.

        """
        announced = announcement_condition(CREATE_INITIATED, None)
        claimed = claim_condition(self._run_id, mark)
        statement = in_doubt_sql(self._events, f"({announced} or {claimed})", "create_policy", 1)
        return {row[0] for row in self._database.select_of(statement, execution_ids)}

    def triggers_in_doubt(self, execution_ids: Iterable[str], mark: str | None) -> set[str]:
        """Read which executions may have a circuit breaker whose outcome nobody knows.

        Args:
            execution_ids: the executions.
            mark: as for `creates_in_doubt`.

        """
        announced = announcement_condition(CIRCUIT_BREAKER_INITIATED, mark)
        statement = in_doubt_sql(self._events, announced, "trigger_circuit_breaker", 3)
        return {row[0] for row in self._database.select_of(statement, execution_ids)}

    def due(self, poll_interval_seconds: int, limit: int) -> list[str]:
        """Read the ids of open executions without a live lease whose next step is due."""
        found = self._database.select(due_sql(self._state, poll_interval_seconds, limit))
        return [row[0] for row in found]

    def release(self, *, everything: bool = False) -> None:
        """End the leases of executions that wait for a poll: another run may go on at once.

        Args:
            everything: whether also those end that wait for another step; nothing is under way.

        """
        statement = release_sql(self._state, only_created=not everything)
        self._database.write_contended(statement, self._run_id)

    def owns_lease(self, row: Execution) -> bool:
        """Whether this run owns the lease of an execution."""
        return row.invocation_id == self._run_id and not row.cancelled

    def renew_lease(self) -> None:
        """Prolong the lease of every open execution of this run."""
        self._database.write_contended(
            renew_lease_sql(self._state, self._lease_seconds), self._run_id
        )

    def record(self, changes: Sequence[Change]) -> set[str]:
        """Write changes and their events; returns the executions whose changes were applied.

        A change is applied when its row still has the expected status and this run still owns the
        lease. Otherwise the row stays as it is, and an event says so.
        """
        applied: set[str] = set()
        for part in parts(changes, lambda change: change.state_row()):
            applied |= self._recorded(part)
            reached(f"after_write_of_{part[0].event}")
        return applied

    def _recorded(self, changes: Sequence[Change]) -> set[str]:
        """Write changes in one short transaction, also when the table refuses one of them.

        Every table can hold the answers of the changes. A change that this account still refuses is
        found by halving the list, and is written without its answer; the others are written whole.
        """
        try:
            return self._database.in_transaction(partial(self._record, changes))
        except SnowparkSQLException as error:
            if is_contention(error):
                raise
            if len(changes) > 1:
                half = len(changes) // 2
                return self._recorded(changes[:half]) | self._recorded(changes[half:])
            bare = [changes[0].without_answer(f"the table refuses the answer: {error}")]
            return self._database.in_transaction(partial(self._record, bare))

    def _record(self, changes: Sequence[Change]) -> set[str]:
        event = changes[0].event
        reached(f"before_write_of_{event}")
        updated = self._database.write(
            apply_changes_sql(self._state, self._lease_seconds),
            [change.state_row() for change in changes],
            self._run_id,
        )
        reached(f"in_write_of_{event}")
        applied = {change.execution_id for change in changes}
        if updated != len(changes):
            applied = self._applied(changes)
        self.append(
            [
                change.event_row(self._run_id, applied=change.execution_id in applied)
                for change in changes
            ]
        )
        return applied

    def _applied(self, changes: Sequence[Change]) -> set[str]:
        now = {row.execution_id: row for row in self.read(c.execution_id for c in changes)}
        return {
            change.execution_id
            for change in changes
            if (row := now.get(change.execution_id))
            and self.owns_lease(row)
            and row.status == change.status_after
            and row.sequence == change.execution.sequence + 1
        }

    def withhold(self, executions: Sequence[Execution], step: int) -> None:
        """Append an event for each request that was not sent, as this run lost its execution."""
        self.append(
            [
                event_row(
                    row.execution_id,
                    self._run_id,
                    row.sequence + 1,
                    SUPERSEDED,
                    status_before=row.status,
                    step=step,
                    policy_id=row.policy_id,
                    message=WITHHELD,
                )
                for row in executions
            ]
        )

    def cancel(self, execution_id: str, before: Execution | None, message: str) -> bool:
        """Cancel an execution for good, also when retention has removed its row.

        Args:
            execution_id: the execution.
            before: its row as it was a moment ago; None without a row.
            message: the reason.

        Returns:
            Whether the execution was there to be cancelled.

        """

        def write() -> bool:
            wanted = {
                "execution_id": execution_id,
                "message": message,
                "invocation_id": self._run_id,
            }
            statement, status = cancel_sql(self._state), before.status if before else None
            done = self._database.write(statement, [wanted])
            if not done and not list(self.read([execution_id])):
                history = restore(self._database, self._settings, [execution_id])
                status = history[0].get("status") if history else None
                done = self._database.write(statement, [wanted]) if history else 0
            rows = list(self.read([execution_id]))
            if len(rows) > 1:
                raise ConflictError(f"another run restored execution {execution_id}")
            for now in rows if done else []:
                event = event_row(
                    execution_id,
                    self._run_id,
                    now.sequence,
                    "cancelled",
                    status_before=status,
                    status_after=now.status,
                    policy_id=now.policy_id,
                    message=message,
                    error_class="Cancelled",
                )
                self.append([event])
            return done > 0

        return self._database.in_transaction(write, repeats_conflicts=True)

    def append(self, events: Sequence[Row]) -> None:
        """Append events."""
        for part in parts(events):
            self._database.write(append_events_sql(self._events), part)
