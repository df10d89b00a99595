-- One row an execution and step that has begun. Where the API has no circuit breaker, step 3 does not begin.
with events as (

    select *
    from {{ ref('policy_execution_history') }}
    where
        event not in ('superseded', 'no_circuit_breaker')
        and step is not null

),

latest as (

    select *
    from events
    qualify row_number() over (
        partition by execution_id, step
        order by sequence desc
    ) = 1

),

totals as (

    select
        execution_id,
        step,
        min(dateadd(millisecond, -coalesce((active_seconds * 1000)::int, duration_ms, 0), event_time)) as started_at,
        max(event_time) as ended_at,
        coalesce(sum(active_seconds), 0)::number(18, 3) as active_seconds,
        count_if(http_method is not null) as attempts,
        coalesce(sum(requests_sent), 0) as requests_sent,
        (coalesce(sum(duration_ms), 0) / 1000)::number(18, 3) as api_seconds
    from events
    group by
        execution_id,
        step

)

select
    totals.execution_id,
    totals.step,
    case totals.step
        when 1 then 'create policy'
        when 2 then 'poll policy status'
        when 3 then 'trigger circuit breaker'
    end as step_name,
    totals.started_at,
    totals.ended_at,
    totals.active_seconds,
    totals.attempts,
    totals.requests_sent,
    totals.api_seconds,
    case
        when latest.status_after = 'error' then 'failed'
        when
            (totals.step = 1 and latest.status_after = 'policy_created')
            or (totals.step = 2 and latest.status_after = 'policy_ready')
            or (totals.step = 3 and latest.status_after = 'completed')
            then 'succeeded'
        else 'open'
    end as result,
    case when latest.status_after = 'error' then latest.error_cause end as error_cause,
    case when latest.status_after = 'error' then latest.message end as error_message
from totals
inner join latest
    on
        totals.execution_id = latest.execution_id
        and totals.step = latest.step
