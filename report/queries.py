"""The queries: each has placeholders for the names of the views, and `?` for bound values."""

from __future__ import annotations

# How much of the views is shown at most.
LISTED_EXECUTIONS = 50
LISTED_EVENTS = 60
MESSAGE_CHARACTERS = 600
# The columns of a distribution of durations.
QUANTILES = ("p05", "p25", "p50", "p75", "p95", "longest")

_OUTCOME = """case
        when is_cancelled then 'cancelled'
        when status = 'completed' then 'completed'
        when is_finished then 'failed'
        else 'open'
    end"""
_IN_WINDOW = """date_part(epoch_second, {0}) >= ?
    and date_part(epoch_second, {0}) < ?"""
# lease_expires_at has no time zone and holds UTC, as SYSDATE() does.
_LEFT_BEHIND = """not is_finished
        and coalesce(lease_expires_at <= sysdate(), true)"""
# Executions that stay where they are, as a breaker towards the API was open when a run met them.
_HELD_BACK = """(
    select
        latest.execution_id as held_id,
        latest.step as held_step
    from (
        select *
        from {history}
        where event <> 'superseded'
        qualify row_number() over (
            partition by execution_id
            order by sequence desc
        ) = 1
    ) as latest
    where
        latest.error_cause = 'api_breaker_open'
        and latest.status_after not in ('completed', 'error')
)"""
BREAKERS_QUERY = f"""
select
    "endpoint" as endpoint,
    "url" as url,
    "state" as state,
    "opened_at" as opened_at,
    case when "state" = 'half_open' then "probe_expires_at" else "retry_at" end as asked_again_at,
    left("problem", {MESSAGE_CHARACTERS + 1}) as problem
from {{breakers}}
where "state" <> 'closed'
order by opened_at, endpoint
"""  # noqa: S608 - made of constants
HELD_BACK_QUERY = f"""
select
    held_step as step,
    count(*) as executions
from {_HELD_BACK}
group by held_step
"""  # noqa: S608 - made of constants
TOTALS_QUERY = f"""
select
    count(*) as ever,
    max(started_at) as latest_started_at,
    count_if(not is_finished and date_part(epoch_second, started_at) < ?) as open_before,
    count_if({_LEFT_BEHIND}) as left_behind
from {{executions}}
"""  # noqa: S608 - made of constants
BUCKETS_QUERY = f"""
select
    floor(date_part(epoch_second, started_at) / ?) as bucket,
    {_OUTCOME} as outcome,
    count(*) as executions
from {{executions}}
where
    {_IN_WINDOW.format("started_at")}
group by
    1,
    2
"""  # noqa: S608 - made of constants
DURATIONS_QUERY = f"""
select
    percentile_cont(0.5) within group (order by duration_seconds) as p50_seconds,
    percentile_cont(0.95) within group (order by duration_seconds) as p95_seconds
from {{executions}}
where
    {_IN_WINDOW.format("started_at")}
    and status = 'completed'
"""  # noqa: S608 - made of constants
CAUSES_QUERY = f"""
select
    coalesce(error_cause, 'unclassified') as cause,
    count(*) over (partition by coalesce(error_cause, 'unclassified')) as failures,
    execution_id,
    left(coalesce(error_message, message), {MESSAGE_CHARACTERS + 1}) as example
from {{executions}}
where
    {_IN_WINDOW.format("started_at")}
    and {_OUTCOME} = 'failed'
qualify row_number() over (
    partition by coalesce(error_cause, 'unclassified')
    order by
        last_event_at desc,
        execution_id
) = 1
order by
    failures desc,
    cause
"""  # noqa: S608 - made of constants
_QUANTILE_COLUMNS = """percentile_cont(0.05) within group (order by {0}) as p05,
    percentile_cont(0.25) within group (order by {0}) as p25,
    percentile_cont(0.5) within group (order by {0}) as p50,
    percentile_cont(0.75) within group (order by {0}) as p75,
    percentile_cont(0.95) within group (order by {0}) as p95,
    max({0}) as longest,
    count({0}) as measured"""
STEPS_QUERY = f"""
select
    step,
    step_name as label,
    count(*) as begun,
    count_if(result = 'succeeded') as succeeded,
    count_if(result = 'failed') as failed,
    count_if(result = 'open') as still_open,
    {_QUANTILE_COLUMNS.format("case when result <> 'open' then active_seconds end")}
from {{steps}}
where
    {_IN_WINDOW.format("started_at")}
group by
    step,
    step_name
order by step
"""  # noqa: S608 - made of constants
REQUESTS_QUERY = f"""
select
    endpoint as label,
    count(*) as calls,
    sum(requests_sent) as requests_sent,
    count_if(http_status between 200 and 299) as accepted,
    count_if(http_status not between 200 and 299) as refused,
    count_if(http_status is null) as unanswered,
    {_QUANTILE_COLUMNS.format("duration_ms / 1000")}
from {{requests}}
where
    {_IN_WINDOW.format("requested_at")}
    -- An open breaker kept these from the API: nothing was sent.
    and coalesce(error_cause, '') <> 'api_breaker_open'
group by endpoint
order by min(step)
"""  # noqa: S608 - made of constants
RECENT_QUERY = f"""
select
    execution_id,
    {_OUTCOME} as outcome,
    {_LEFT_BEHIND} as is_left_behind,
    held_id is not null as is_held_back,
    status,
    policy_id,
    left(policy_name, 201) as policy_name,
    left(policy_type, 201) as policy_type,
    started_at,
    finished_at,
    last_event_at,
    duration_seconds,
    total_polls,
    requests_sent,
    runs,
    failed_step,
    error_cause,
    left(coalesce(error_message, message), {MESSAGE_CHARACTERS + 1}) as message
from {{executions}}
left join {_HELD_BACK} as held
    on execution_id = held_id
where
    not is_finished
    or {_IN_WINDOW.format("started_at")}
order by
    is_finished,
    started_at desc,
    execution_id
limit {LISTED_EXECUTIONS}
"""  # noqa: S608 - made of constants
STEPS_OF_QUERY = """
select
    execution_id,
    step,
    started_at,
    ended_at,
    result
from {steps}
where execution_id in ({marks})
order by
    execution_id,
    step
"""
EVENTS_OF_QUERY = f"""
select
    execution_id,
    event,
    step,
    attempt,
    status_after,
    http_method,
    http_status,
    requests_sent,
    duration_ms,
    error_cause,
    left(message, {MESSAGE_CHARACTERS + 1}) as message,
    event_time,
    active_seconds,
    count(*) over (partition by execution_id) as events
from {{history}}
where execution_id in ({{marks}})
qualify row_number() over (
    partition by execution_id
    order by
        sequence desc,
        event_id
) <= {LISTED_EVENTS}
order by
    execution_id,
    sequence,
    event_id
"""  # noqa: S608 - made of constants
