"""The only module that knows the tables `policy_execution_state` and `policy_execution_events`.

Each statement binds one JSON text and flattens it (facts, 4.1 and 4.3), so that the number of
statements does not depend on the number of executions, and no value ever meets SQL text. Every
UPDATE is guarded by the expected status and by the driver, and tells which rows it landed on.
All times are the database's CURRENT_TIMESTAMP(), which the seed's queries compare with.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from snowflake.snowpark import Session
from snowflake.snowpark.exceptions import SnowparkSQLException

from procedures.execution import Change, Execution
from procedures.settings import Settings

LOCK_CONTENTION = ("000625", "lock timeout", "number of waiters", "lock wait")
LOCK_TRIES = 8

Result = TypeVar("Result")


class ExecutionState:
    """Reads and writes both tables for one driver.

    Args:
        session: the Snowpark session of the procedure.
        settings: the procedure's settings; the table names in them are fully qualified.
        invocation_id: who drives; only this driver's rows are written.

    """

    def __init__(self, session: Session, settings: Settings, invocation_id: str) -> None:
        self._session = session
        self._settings = settings
        self._invocation_id = invocation_id
        self._state = settings.state_table
        self._events = settings.events_table
        self._lease_end = (
            f"dateadd(second, {int(settings.lease_seconds)}, current_timestamp())::timestamp_ntz"
        )

    def clean_up(self, retention_minutes: int) -> int:
        """Delete finished rows older than the retention; the events keep their history."""
        return self._write(
            f"""
            delete from {self._state}
            where "completed" = true
              and coalesce("finished_at", "last_poll_time", "start_time")
                < dateadd(minute, -{int(retention_minutes)}, current_timestamp())::timestamp_ntz
            """,  # noqa: S608  # names come from the registration, the number is an int
        )

    def read(self, execution_ids: Iterable[str]) -> list[Execution]:
        """Read the rows of these executions."""
        rows = self._session.sql(
            f"""
            select t."execution_id", t."status", t."policy_id", t."poll_count",
                   t."invocation_id",
                   t."lease_expires_at" > current_timestamp()::timestamp_ntz as leased,
                   to_json(t."policy_data") as policy_data,
                   to_json(t."api_response") as api_response
            from {self._state} t
            join (
                select f.value::varchar as execution_id
                from (select parse_json(?) as j) p, lateral flatten(input => p.j) f
            ) s on t."execution_id" = s.execution_id
            """,  # noqa: S608
            params=[_json(list(execution_ids))],
        ).collect()
        return [
            Execution(
                execution_id=row[0],
                status=row[1],
                policy_id=row[2],
                poll_count=int(row[3] or 0),
                invocation_id=row[4],
                leased=bool(row[5]),
                policy_data=_parsed(row[6]),
                api_response=_parsed(row[7]),
            )
            for row in rows
        ]

    def claim(self, executions: Sequence[dict[str, Any]]) -> None:
        """Insert the missing rows and take over those that nobody drives; one MERGE.

        A row is taken when it is not completed and is this driver's, has failed, or its lease
        has run out. One that failed goes back to where its failed step starts.
        """
        self._write(
            f"""
            merge into {self._state} t
            using (
                select f.value:execution_id::varchar as execution_id,
                       f.value:policy_data as policy_data,
                       f.value:invocation_id::varchar as invocation_id
                from (select parse_json(?) as j) p, lateral flatten(input => p.j) f
            ) s
            on t."execution_id" = s.execution_id
            when matched
                and t."status" <> 'completed'
                and (
                    t."invocation_id" = s.invocation_id
                    or t."lease_expires_at" is null
                    or t."lease_expires_at" <= current_timestamp()::timestamp_ntz
                )
            then update set
                "invocation_id" = s.invocation_id,
                "lease_expires_at" =
                    {self._lease_end},
                "poll_count" = case
                    when t."status" = 'error' and not coalesce(t."requires_circuit_breaker", false)
                    then 0
                    else t."poll_count"
                end,
                "completed" = false,
                "finished_at" = null,
                "error_message" = null,
                "message" = 'taken up again',
                "status" = case
                    when t."status" <> 'error' then t."status"
                    when t."requires_circuit_breaker" then 'policy_ready'
                    when t."policy_id" is not null then 'policy_created'
                    else 'pending'
                end
            when not matched then insert (
                "execution_id", "poll_count", "status", "start_time", "completed",
                "requires_circuit_breaker", "circuit_breaker_initiated",
                "circuit_breaker_completed", "message", "policy_data", "invocation_id",
                "lease_expires_at"
            )
            values (
                s.execution_id, 0, 'pending', current_timestamp()::timestamp_ntz, false,
                false, false,
                false, 'claimed', s.policy_data, s.invocation_id,
                {self._lease_end}
            )
            """,  # noqa: S608
            [_json([{**row, "invocation_id": self._invocation_id} for row in executions])],
        )

    def renew_lease(self) -> None:
        """Prolong the lease of every execution that this driver has open."""
        self._write(
            f"""
            update {self._state}
            set "lease_expires_at" =
                {self._lease_end}
            where "invocation_id" = ?
              and "completed" = false
            """,  # noqa: S608
            [self._invocation_id],
        )

    def record(self, changes: Sequence[Change]) -> set[str]:
        """Write changes and their events in one short transaction; answer whose landed.

        A change lands when its row still has the expected status and this driver. One that does
        not land leaves the row as it is, and an event that says so.
        """
        if not changes:
            return set()
        return self._contended(lambda: self._record(changes))

    def _record(self, changes: Sequence[Change]) -> set[str]:
        payload = _json([change.state_row() for change in changes])
        self._session.sql("begin transaction").collect()
        try:
            updated = self._session.sql(
                self._update_statement(), params=[payload, self._invocation_id]
            ).collect()
            landed = {change.execution_id for change in changes}
            if int(updated[0][0]) != len(changes):
                landed = self._landed(changes)
            self._append_events(changes, landed)
            self._session.sql("commit").collect()
        except Exception:
            self._session.sql("rollback").collect()
            raise
        return landed

    def _landed(self, changes: Sequence[Change]) -> set[str]:
        now = {row.execution_id: row for row in self.read(c.execution_id for c in changes)}
        return {
            change.execution_id
            for change in changes
            if (row := now.get(change.execution_id))
            and row.status == change.status_after
            and row.invocation_id == self._invocation_id
        }

    def _update_statement(self) -> str:
        keep = "\n".join(
            f"""                "{column}" = coalesce(s.{column}, t."{column}"),"""
            for column in _CARRIED
        )
        extracts = "\n".join(
            f"                       f.value:columns:{column}{cast} as {column},"
            for column, cast in _CARRIED.items()
        )
        return f"""
            update {self._state} t
            set
{keep}
                "status" = s.status_after,
                "message" = s.message,
                "error_message" = s.error_message,
                "completed" = s.status_after in ('completed', 'error'),
                "last_poll_time" = case
                    when s.step = 2 then current_timestamp()::timestamp_ntz
                    else t."last_poll_time"
                end,
                "finished_at" = case
                    when s.status_after in ('completed', 'error')
                    then current_timestamp()::timestamp_ntz
                end,
                "lease_expires_at" = case
                    when s.status_after not in ('completed', 'error')
                    then {self._lease_end}
                end
            from (
                select f.value:execution_id::varchar as execution_id,
{extracts}
                       f.value:status_before::varchar as status_before,
                       f.value:status_after::varchar as status_after,
                       f.value:step::number as step,
                       f.value:message::varchar as message,
                       f.value:error_message::varchar as error_message
                from (select parse_json(?) as j) p, lateral flatten(input => p.j) f
            ) s
            where t."execution_id" = s.execution_id
              and t."status" = s.status_before
              and t."invocation_id" = ?
            """  # noqa: S608

    def _append_events(self, changes: Sequence[Change], landed: set[str]) -> None:
        rows = [
            change.event_row(self._invocation_id, sequence, landed=change.execution_id in landed)
            for sequence, change in enumerate(changes)
        ]
        extracts = ",\n".join(
            f"                   f.value:{column}{cast}" for column, cast in _EVENT_COLUMNS.items()
        )
        names = ", ".join(f'"{column}"' for column in _EVENT_COLUMNS)
        self._session.sql(
            f"""
            insert into {self._events} ({names}, "event_time")
            select {extracts.strip()},
                   current_timestamp()
            from (select parse_json(?) as j) p, lateral flatten(input => p.j) f
            """,  # noqa: S608
            params=[_json(rows)],
        ).collect()

    def _write(self, statement: str, params: list[str] | None = None) -> int:
        rows = self._contended(lambda: self._session.sql(statement, params=params).collect())
        return int(rows[0][0]) if rows else 0

    def _contended(self, write: Callable[[], Result]) -> Result:
        """Repeat a write that lost the queue for the table's lock (facts, 5: error 000625)."""
        for tried in range(LOCK_TRIES):
            try:
                return write()
            except SnowparkSQLException as error:
                text = str(error).lower()
                if tried == LOCK_TRIES - 1 or not any(sign in text for sign in LOCK_CONTENTION):
                    raise
                time.sleep(random.uniform(0.05, 0.2 * 2**tried))
        raise AssertionError  # the loop returns or raises


# What a change may set, with the cast from VARIANT; anything else is derived in the statement.
_CARRIED = {
    "policy_id": "::varchar",
    "poll_count": "::number",
    "requires_circuit_breaker": "::boolean",
    "circuit_breaker_initiated": "::boolean",
    "circuit_breaker_completed": "::boolean",
    "api_response": "",
    "policy_status_response": "",
    "circuit_breaker_response": "",
}

_EVENT_COLUMNS = {
    "event_id": "::varchar",
    "execution_id": "::varchar",
    "invocation_id": "::varchar",
    "sequence": "::number",
    "step": "::number",
    "attempt": "::number",
    "event": "::varchar",
    "status_before": "::varchar",
    "status_after": "::varchar",
    "http_method": "::varchar",
    "url": "::varchar",
    "http_status": "::number",
    "requests_sent": "::number",
    "duration_ms": "::number",
    "outcome": "::varchar",
    "error_class": "::varchar",
    "message": "::varchar",
    "response": "",
}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)
