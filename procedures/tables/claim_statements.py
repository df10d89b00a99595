"""The SQL that records the executions of a run and claims them; see statements."""
# ruff: noqa: S608  # as in statements

from __future__ import annotations

from procedures.tables.breaker_statements import count_breakers_sql
from procedures.tables.read_statements import execution_columns, sent_otherwise
from procedures.tables.statements import (
    EVENT_COLUMNS,
    NOW,
    ROWS,
    WALL_CLOCK,
    expired_condition,
    lease_end,
)

_WANTED = f"select f.value::varchar as execution_id from {ROWS}"


def record_run_sql(runs: str) -> str:
    """Record the executions of a run; a CALL that a client sends twice records them once."""
    return f"""
insert into {runs} ("run_id", "execution_id", "position", "recorded_at")
select
    s.item:run_id::varchar,
    s.item:execution_id::varchar,
    s.item:position::number,
    {NOW}
from (select f.value as item from {ROWS}) s
left join {runs} r
    on s.item:run_id::varchar = r."run_id"
    and s.item:execution_id::varchar = r."execution_id"
where r."run_id" is null
"""


def refuse_sql(runs: str) -> str:
    """Note why a run does not process some of its executions."""
    return f"""
update {runs} r
set "problem" = s.problem
from (
    select
        f.value:run_id::varchar as run_id,
        f.value:execution_id::varchar as execution_id,
        f.value:problem::varchar as problem
    from {ROWS}
) s
where r."run_id" = s.run_id
  and r."execution_id" = s.execution_id
"""


def members_sql(runs: str) -> str:
    """Read the ids of a run's executions, in their order."""
    return f"""
select r."execution_id"
from {runs} r
where r."run_id" = ?
  and r."problem" is null
order by r."position"
"""


def free_members_sql(runs: str, state: str) -> str:
    """Read the ids of a run's executions that are not over and have no live lease."""
    return f"""
select r."execution_id"
from {runs} r
left join {state} t
    on r."execution_id" = t."execution_id"
where r."run_id" = ?
  and r."problem" is null
  and coalesce(t."completed", false) = false
  and (t."lease_expires_at" is null or t."lease_expires_at" <= {NOW})
order by r."position"
"""


def look_sql(
    state: str,
    events: str,
    breakers: str,
    retention_minutes: int,
    mark: str,
    *,
    with_policies: bool,
) -> str:
    """Read the status of executions from their rows, or from their events when a row is gone.

    The last two columns are the same in each row: how many breakers are not closed, and how many
    finished rows are older than the retention. `mark` is as for sent_otherwise.
    """
    known = 'coalesce(t."policy_text", to_json(t."policy_data"))'
    stored = known if with_policies else "null"
    otherwise = sent_otherwise(mark)
    if mark:
        otherwise += """ and e."event" in ('claimed', 'resumed', 'create_initiated')"""
    claimed = 'case when e."event" = \'claimed\' then to_json(e."policy_data") end'
    return f"""
with breakers_now as {count_breakers_sql(breakers)},
expired_now as (
    select count(*) as expired
    from {state} t
    where {expired_condition(retention_minutes)}
),
wanted as ({_WANTED})
select
    w.execution_id,
    t."execution_id" is not null as has_row,
    coalesce(t."status", h.status) as status,
    t."cancelled_at" is not null or coalesce(h.cancelled, 0) = 1 as cancelled,
    t."last_sequence",
    coalesce({stored}, h.policy) as policy,
    coalesce(h.sent_otherwise, 0) = 1 as sent_otherwise,
    k.not_closed,
    x.expired
from wanted w
cross join breakers_now k
cross join expired_now x
left join {state} t
    on w.execution_id = t."execution_id"
left join (
    select
        e."execution_id" as execution_id,
        max_by(e."status_after", e."sequence") as status,
        max(case when e."event" = 'cancelled' then 1 else 0 end) as cancelled,
        max(case when {otherwise} then 1 else 0 end) as sent_otherwise,
        max({claimed if with_policies else "null"}) as policy
    from {events} e
    join wanted l
        on e."execution_id" = l.execution_id
    where e."event" <> 'superseded'
      and e."status_after" is not null
    group by e."execution_id"
) h
    on w.execution_id = h.execution_id
"""


def claim_sql(state: str, lease_seconds: int) -> str:
    """Take over the rows without a live lease, and insert the new rows.

    A row is taken when it is neither completed nor cancelled, and this run owns it or no lease is
    live. With `takes_failed` a failed row is taken, too, and goes back to the status at which its
    failed step starts. A restored row gets the text of its policy, when the text is given.
    """
    return f"""
merge into {state} t
using (
    select
        f.value:execution_id::varchar as execution_id,
        f.value:policy_text::varchar as policy_text,
        parse_json(f.value:policy_text::varchar) as policy_data,
        f.value:invocation_id::varchar as invocation_id,
        coalesce(f.value:is_new::boolean, false) as is_new,
        coalesce(f.value:takes_failed::boolean, false) as takes_failed
    from {ROWS}
) s
on t."execution_id" = s.execution_id
when matched
    and t."status" <> 'completed'
    and (t."status" <> 'error' or s.takes_failed)
    and t."cancelled_at" is null
    and (
        t."invocation_id" = s.invocation_id
        or t."lease_expires_at" is null
        or t."lease_expires_at" <= {NOW}
    )
then update set
    "invocation_id" = s.invocation_id,
    "lease_expires_at" = {lease_end(lease_seconds)},
    "last_sequence" = coalesce(t."last_sequence", 0) + 1,
    "poll_count" = case
        when t."status" = 'error' and not coalesce(t."requires_circuit_breaker", false)
        then 0
        else t."poll_count"
    end,
    "policy_text" = coalesce(t."policy_text", s.policy_text),
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
when not matched and s.is_new then insert (
    "execution_id", "poll_count", "status", "start_time", "completed",
    "requires_circuit_breaker", "circuit_breaker_initiated", "circuit_breaker_completed",
    "message", "policy_data", "policy_text", "invocation_id", "lease_expires_at", "last_sequence"
)
values (
    s.execution_id, 0, 'pending', {WALL_CLOCK}, false,
    false, false, false,
    'claimed', s.policy_data, s.policy_text, s.invocation_id,
    {lease_end(lease_seconds)}, 1
)
"""


def claimed_events_sql(state: str, events: str) -> str:
    """Append the event of each new execution, where its row is the only one and has no event yet.

    So the number of appended events says whether each claim is sound, without another read.
    """
    names = ", ".join(f'"{column}"' for column in EVENT_COLUMNS)
    values = ",\n".join(f"    s.{column}" for column in EVENT_COLUMNS)
    carried = ",\n".join(
        f"        f.value:{column}{cast} as {column}" for column, cast in EVENT_COLUMNS.items()
    )
    return f"""
insert into {events} ({names}, "event_time")
select
{values},
    current_timestamp()
from (
    select
{carried}
    from {ROWS}
) s
join {state} t
    on s.execution_id = t."execution_id"
where not exists (
    select 1
    from {events} e
    where e."execution_id" = s.execution_id
)
qualify count(*) over (partition by s.execution_id) = 1
"""


def claimed_sql(state: str, events: str) -> str:
    """Read executions in the transaction of their claim, and whether they have any events."""
    return f"""
with wanted as ({_WANTED})
select{execution_columns(with_policies=False)},
    h.execution_id is not null as has_events
from {state} t
join wanted w
    on t."execution_id" = w.execution_id
left join (
    select distinct e."execution_id" as execution_id
    from {events} e
    join wanted l
        on e."execution_id" = l.execution_id
) h
    on t."execution_id" = h.execution_id
"""
