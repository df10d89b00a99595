-- One row an event: what the events table holds, with plain column names, the cause of what went
-- wrong, and the seconds that passed since the same run's previous event of the execution.
with events as (

    select
        e.*,
        case when e."event" = 'superseded' then 'superseded' else 'applied' end as kind
    from {{ source('policy_workflow', 'policy_execution_events') }} as e

),

followed as (

    select
        e.*,
        lag(e."event_time") over (
            partition by e."execution_id", e.kind
            order by e."sequence"
        ) as previous_time,
        lag(e."invocation_id") over (
            partition by e."execution_id", e.kind
            order by e."sequence"
        ) as previous_invocation_id
    from events as e

)

select
    f."event_id" as event_id,
    f."execution_id" as execution_id,
    f."sequence" as sequence,
    f."event" as event,
    f."step" as step,
    f."attempt" as attempt,
    f."status_before" as status_before,
    f."status_after" as status_after,
    f."policy_id" as policy_id,
    f."policy_data" as policy_data,
    f."invocation_id" as invocation_id,
    f."http_method" as http_method,
    f."url" as url,
    f."http_status" as http_status,
    f."requests_sent" as requests_sent,
    f."duration_ms" as duration_ms,
    f."outcome" as outcome,
    f."error_class" as error_class,
    {#- No filter on what the macro returns: dbt 1.9 renders a unit test first without macros. #}
    {{ policy_workflow._failure_cause_sql('f').replace("\n", "\n    ") }} as error_cause,
    f."message" as message,
    f."response" as response,
    f."event_time" as event_time,
    case
        when f.kind = 'applied' and f.previous_invocation_id = f."invocation_id"
            then (datediff(millisecond, f.previous_time, f."event_time") / 1000)::number(18, 3)
    end as active_seconds
from followed as f
