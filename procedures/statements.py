"""The SQL of both tables. Each statement binds one JSON text and flattens it (facts, 4.1, 4.3).

So the number of statements does not depend on the number of executions, and no value ever meets
SQL text. Names come from the registration, numbers are ints. All times are the database's
CURRENT_TIMESTAMP(), which the seed's queries compare with.
"""
# ruff: noqa: S608  # see above

from __future__ import annotations

NOW = "current_timestamp()::timestamp_ntz"
ROWS = "(select parse_json(?) as j) p, lateral flatten(input => p.j) f"

# What a change may set, with the cast from VARIANT; anything else is derived in the statement.
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


def _lease_end(lease_seconds: int) -> str:
    """When a lease ends that is taken now."""
    return f"dateadd(second, {int(lease_seconds)}, current_timestamp())::timestamp_ntz"


def clean_up_sql(state: str, retention_minutes: int) -> str:
    """Delete finished rows older than the retention."""
    return f"""
delete from {state}
where "completed" = true
  and coalesce("finished_at", "last_poll_time", "start_time")
    < dateadd(minute, -{int(retention_minutes)}, current_timestamp())::timestamp_ntz
"""


def claim_sql(state: str, lease_seconds: int) -> str:
    """Insert the missing rows and take over those that nobody drives.

    A row is taken when it is neither completed nor cancelled, and is this driver's, has failed,
    or its lease has run out. One that failed goes back to where its failed step starts.
    """
    return f"""
merge into {state} t
using (
    select
        f.value:execution_id::varchar as execution_id,
        f.value:policy_data as policy_data,
        f.value:invocation_id::varchar as invocation_id
    from {ROWS}
) s
on t."execution_id" = s.execution_id
when matched
    and t."status" <> 'completed'
    and t."cancelled_at" is null
    and (
        t."invocation_id" = s.invocation_id
        or t."lease_expires_at" is null
        or t."lease_expires_at" <= {NOW}
    )
then update set
    "invocation_id" = s.invocation_id,
    "lease_expires_at" = {_lease_end(lease_seconds)},
    "last_sequence" = coalesce(t."last_sequence", 0) + 1,
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
    "requires_circuit_breaker", "circuit_breaker_initiated", "circuit_breaker_completed",
    "message", "policy_data", "invocation_id", "lease_expires_at", "last_sequence"
)
values (
    s.execution_id, 0, 'pending', {NOW}, false,
    false, false, false,
    'claimed', s.policy_data, s.invocation_id, {_lease_end(lease_seconds)}, 1
)
"""


def renew_lease_sql(state: str, lease_seconds: int) -> str:
    """Prolong every lease that a driver holds."""
    return f"""
update {state}
set "lease_expires_at" = {_lease_end(lease_seconds)}
where "invocation_id" = ?
  and "completed" = false
  and "lease_expires_at" is not null
"""


def apply_changes_sql(state: str, lease_seconds: int) -> str:
    """Apply changes, each only where the row has the expected status and driver."""
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
    "last_poll_time" = case when s.step = 2 then {NOW} else t."last_poll_time" end,
    "finished_at" = case when s.status_after in ('completed', 'error') then {NOW} end,
    "lease_expires_at" = case
        when s.status_after not in ('completed', 'error') then {_lease_end(lease_seconds)}
    end
from (
    select
        f.value:execution_id::varchar as execution_id,
{carried}
        f.value:status_before::varchar as status_before,
        f.value:status_after::varchar as status_after,
        f.value:sequence::number as sequence,
        f.value:step::number as step,
        f.value:message::varchar as message,
        f.value:error_message::varchar as error_message
    from {ROWS}
) s
where t."execution_id" = s.execution_id
  and t."status" = s.status_before
  and t."invocation_id" = ?
"""


def cancel_sql(state: str) -> str:
    """End the executions in a list that are not completed, for good."""
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


def release_sql(state: str) -> str:
    """End the leases of a driver's executions that wait for a poll: another may go on at once."""
    return f"""
update {state}
set "lease_expires_at" = null
where "invocation_id" = ?
  and "status" = 'policy_created'
"""
