"""The SQL that writes the state table and the events table.

Each statement binds one JSON text and flattens it into rows (docs/snowflake_facts.md#binds). So the
number of statements does not depend on the number of executions, and no value becomes part of SQL
text. The names of tables come from the registration, and numbers are ints.

All decisions use one clock: SYSDATE(), the database's clock in UTC. CURRENT_TIMESTAMP() without its
zone is the wall clock of the caller, and differs between callers (docs/snowflake_facts.md#time).
Only "start_time" and "last_poll_time" hold it: people read them, and the defaults and queries of
the table use that clock, too.
"""
# ruff: noqa: S608  # see above

from __future__ import annotations

NOW = "sysdate()"
WALL_CLOCK = "current_timestamp()::timestamp_ntz"
ROWS = "(select parse_json(?) as j) p, lateral flatten(input => p.j) f"

# The columns that a change may set, with the cast from VARIANT; the statement derives the others.
CARRIED_COLUMNS = {
    "policy_id": "::varchar",
    "poll_count": "::number",
    "requires_circuit_breaker": "::boolean",
    "circuit_breaker_initiated": "::boolean",
    "circuit_breaker_completed": "::boolean",
    "api_response": "",
    "policy_status_response": "",
    "circuit_breaker_response": "",
}
EVENT_COLUMNS = {
    "event_id": "::varchar",
    "execution_id": "::varchar",
    "invocation_id": "::varchar",
    "sequence": "::number",
    "step": "::number",
    "attempt": "::number",
    "event": "::varchar",
    "status_before": "::varchar",
    "status_after": "::varchar",
    "policy_id": "::varchar",
    "policy_data": "",
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


def lease_end(lease_seconds: int) -> str:
    """The end of a lease that begins now."""
    return f"dateadd(second, {int(lease_seconds)}, {NOW})"


def expired_condition(retention_minutes: int) -> str:
    """Which rows of the state table `t` are finished, and older than the retention.

    Rows that another program wrote have no "finished_at", and their times are wall clocks.
    """
    minutes = int(retention_minutes)
    return f"""t."completed" = true
  and (
      t."finished_at" < dateadd(minute, -{minutes}, {NOW})
      or (
          t."finished_at" is null
          and coalesce(t."last_poll_time", t."start_time")
            < dateadd(minute, -{minutes}, current_timestamp())::timestamp_ntz
      )
  )"""


def clean_up_sql(state: str, retention_minutes: int) -> str:
    """Delete finished rows older than the retention."""
    return f"""
delete from {state} t
where {expired_condition(retention_minutes)}
"""


def renew_lease_sql(state: str, lease_seconds: int) -> str:
    """Prolong every lease that a run holds."""
    return f"""
update {state}
set "lease_expires_at" = {lease_end(lease_seconds)}
where "invocation_id" = ?
  and "completed" = false
  and "lease_expires_at" is not null
"""


def apply_changes_sql(state: str, lease_seconds: int) -> str:
    """Apply changes, each only where the row has the expected status and lease owner."""
    kept = "\n".join(
        f'    "{column}" = coalesce(s.{column}, t."{column}"),' for column in CARRIED_COLUMNS
    )
    carried = "\n".join(
        f"        f.value:columns:{column}{cast} as {column},"
        for column, cast in CARRIED_COLUMNS.items()
    )
    return f"""
update {state} t
set
{kept}
    "status" = s.status_after,
    "message" = s.message,
    "error_message" = s.error_message,
    "last_sequence" = s.sequence,
    "completed" = s.status_after in ('completed', 'error'),
    "last_poll_time" = case when s.step = 2 then {WALL_CLOCK} else t."last_poll_time" end,
    "polled_at" = case when s.step = 2 then {NOW} else t."polled_at" end,
    "finished_at" = case when s.status_after in ('completed', 'error') then {NOW} end,
    "lease_expires_at" = case
        when s.status_after not in ('completed', 'error') and not s.releases_lease
        then {lease_end(lease_seconds)}
    end
from (
    select
        f.value:execution_id::varchar as execution_id,
{carried}
        f.value:status_before::varchar as status_before,
        f.value:status_after::varchar as status_after,
        f.value:sequence::number as sequence,
        f.value:step::number as step,
        coalesce(f.value:releases_lease::boolean, false) as releases_lease,
        f.value:message::varchar as message,
        f.value:error_message::varchar as error_message
    from {ROWS}
) s
where t."execution_id" = s.execution_id
  and t."status" = s.status_before
  and t."invocation_id" = ?
"""


def cancel_sql(state: str) -> str:
    """Cancel the executions of a list that are not completed; none of them is taken up again."""
    return f"""
update {state} t
set
    "status" = 'error',
    "completed" = true,
    "error_message" = s.message,
    "message" = s.message,
    "invocation_id" = s.invocation_id,
    "lease_expires_at" = null,
    "finished_at" = {NOW},
    "cancelled_at" = {NOW},
    "last_sequence" = coalesce(t."last_sequence", 0) + 1
from (
    select
        f.value:execution_id::varchar as execution_id,
        f.value:message::varchar as message,
        f.value:invocation_id::varchar as invocation_id
    from {ROWS}
) s
where t."execution_id" = s.execution_id
  and t."status" <> 'completed'
  and t."cancelled_at" is null
"""


def append_events_sql(events: str) -> str:
    """Append a list of events."""
    names = ", ".join(f'"{column}"' for column in EVENT_COLUMNS)
    values = ",\n".join(f"    f.value:{column}{cast}" for column, cast in EVENT_COLUMNS.items())
    return f"""
insert into {events} ({names}, "event_time")
select
{values},
    current_timestamp()
from {ROWS}
"""


def release_sql(state: str, *, only_created: bool) -> str:
    """End a run's leases of executions that wait: another run may go on at once.

    Args:
        state: the state table.
        only_created: only of executions that wait for a poll.

    """
    which = """ = 'policy_created'""" if only_created else """ not in ('completed', 'error')"""
    return f"""
update {state}
set "lease_expires_at" = null
where "invocation_id" = ?
  and "status"{which}
"""
