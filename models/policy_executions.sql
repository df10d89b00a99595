-- One row an execution ever. Everything but the lease comes from the events, so that a row is the
-- same before and after the state table was cleaned; an execution without events (written by an
-- older version) is shown as the state table has it.
with events as (

    select *
    from {{ ref('policy_execution_history') }}
    where event <> 'superseded'

),

latest as (

    select *
    from events
    qualify row_number() over (
        partition by execution_id
        order by sequence desc
    ) = 1

),

totals as (

    select
        execution_id,
        max_by(policy_id, case when policy_id is not null then sequence end) as policy_id,
        max(policy_data:policy_name::varchar) as policy_name,
        max(policy_data:policy_type::varchar) as policy_type,
        max(case when event = 'create_policy' and status_after = 'policy_created' then response:execution_id::varchar end) as api_execution_id,
        min(event_time) as started_at,
        min(case when status_after = 'policy_created' then event_time end) as policy_created_at,
        min(case when status_after = 'policy_ready' then event_time end) as policy_ready_at,
        sum(case when step = 1 then active_seconds end) as create_seconds,
        sum(case when step = 2 then active_seconds end) as poll_seconds,
        sum(case when step = 3 then active_seconds end) as trigger_seconds,
        max(case when event = 'poll_policy_status' then sequence end) as last_poll_sequence,
        max(
            case
                when event = 'policy_adopted' or (event = 'resumed' and status_before = 'error' and status_after <> 'policy_ready')
                    then sequence
            end
        ) as polls_began_anew,
        count_if(event = 'poll_policy_status') as total_polls,
        coalesce(sum(requests_sent), 0) as requests_sent,
        count(distinct invocation_id) as runs,
        coalesce(max(case when status_after = 'policy_ready' then sequence end), 0)
        > coalesce(max(case when event = 'policy_adopted' then sequence end), 0)
        and count_if(event = 'no_circuit_breaker') = 0 as requires_circuit_breaker,
        count_if(event = 'circuit_breaker_initiated') > 0 as circuit_breaker_initiated
    from events
    group by execution_id

),

polls as (

    select
        execution_id,
        sequence,
        attempt
    from events
    where event = 'poll_policy_status'

),

state as (

    select
        s."execution_id" as execution_id,
        s."lease_expires_at" as lease_expires_at
    from {{ source('policy_workflow', 'policy_execution_state') }} as s

),

from_events as (

    select
        totals.execution_id,
        totals.policy_id,
        totals.api_execution_id,
        totals.policy_name,
        totals.policy_type,
        latest.status_after as status,
        latest.status_after in ('completed', 'error') as is_finished,
        latest.event = 'cancelled' as is_cancelled,
        totals.started_at,
        totals.policy_created_at,
        totals.policy_ready_at,
        case when latest.status_after in ('completed', 'error') then latest.event_time end as finished_at,
        latest.event_time as last_event_at,
        totals.create_seconds,
        totals.poll_seconds,
        totals.trigger_seconds,
        case
            when coalesce(totals.polls_began_anew, 0) > coalesce(totals.last_poll_sequence, 0) then 0
            else coalesce(polls.attempt, 0)
        end as poll_count,
        totals.total_polls,
        totals.requests_sent,
        totals.runs,
        latest.invocation_id,
        totals.requires_circuit_breaker,
        totals.circuit_breaker_initiated,
        latest.status_after = 'completed' and latest.event <> 'no_circuit_breaker' as circuit_breaker_completed,
        case when latest.status_after = 'error' then latest.step end as failed_step,
        case when latest.status_after = 'error' then latest.error_cause end as error_cause,
        case when latest.status_after = 'error' then latest.message end as error_message,
        latest.message
    from totals
    inner join latest
        on totals.execution_id = latest.execution_id
    left join polls
        on
            totals.execution_id = polls.execution_id
            and totals.last_poll_sequence = polls.sequence

),

from_state as (

    select
        s."execution_id" as execution_id,
        s."policy_id" as policy_id,
        s."api_response":execution_id::varchar as api_execution_id,
        s."policy_data":policy_name::varchar as policy_name,
        s."policy_data":policy_type::varchar as policy_type,
        s."status" as status,
        coalesce(s."completed", false) as is_finished,
        s."cancelled_at" is not null as is_cancelled,
        s."start_time"::timestamp_ltz as started_at,
        null::timestamp_ltz as policy_created_at,
        null::timestamp_ltz as policy_ready_at,
        case when s."completed" then coalesce(
            to_timestamp_ltz(date_part(epoch_microsecond, s."finished_at"), 6),
            s."last_poll_time"::timestamp_ltz
        ) end as finished_at,
        coalesce(
            to_timestamp_ltz(date_part(epoch_microsecond, s."finished_at"), 6),
            s."last_poll_time"::timestamp_ltz,
            s."start_time"::timestamp_ltz
        ) as last_event_at,
        null::number(18, 3) as create_seconds,
        null::number(18, 3) as poll_seconds,
        null::number(18, 3) as trigger_seconds,
        coalesce(s."poll_count", 0) as poll_count,
        coalesce(s."poll_count", 0) as total_polls,
        0 as requests_sent,
        0 as runs,
        s."invocation_id" as invocation_id,
        coalesce(s."requires_circuit_breaker", false) as requires_circuit_breaker,
        coalesce(s."circuit_breaker_initiated", false) as circuit_breaker_initiated,
        coalesce(s."circuit_breaker_completed", false) as circuit_breaker_completed,
        null::number as failed_step,
        case when s."status" = 'error' then 'unclassified' end as error_cause,
        s."error_message" as error_message,
        s."message" as message
    from {{ source('policy_workflow', 'policy_execution_state') }} as s
    left join totals
        on s."execution_id" = totals.execution_id
    where totals.execution_id is null

),

executions as (

    select * from from_events
    union all
    select * from from_state

)

select
    executions.execution_id,
    executions.policy_id,
    executions.api_execution_id,
    executions.policy_name,
    executions.policy_type,
    executions.status,
    executions.is_finished,
    executions.is_cancelled,
    executions.started_at,
    executions.policy_created_at,
    executions.policy_ready_at,
    executions.finished_at,
    executions.last_event_at,
    (datediff(millisecond, executions.started_at, executions.finished_at) / 1000)::number(18, 3) as duration_seconds,
    executions.create_seconds,
    executions.poll_seconds,
    executions.trigger_seconds,
    executions.poll_count,
    executions.total_polls,
    executions.requests_sent,
    executions.runs,
    executions.invocation_id,
    case when not executions.is_finished then state.lease_expires_at end as lease_expires_at,
    executions.requires_circuit_breaker,
    executions.circuit_breaker_initiated,
    executions.circuit_breaker_completed,
    executions.failed_step,
    executions.error_cause,
    executions.error_message,
    executions.message
from executions
left join state
    on executions.execution_id = state.execution_id
