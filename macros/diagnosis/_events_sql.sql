{#- Returns a query: the events that meet a condition, without the superseded ones, which were not applied; each
    with the milliseconds since the same run's previous event of the execution. -#}
{% macro _events_sql(condition) -%}
select
    e."execution_id" as execution_id,
    e."sequence" as sequence,
    e."event" as event,
    e."step" as step,
    e."status_after" as status_after,
    e."message" as message,
    max({{ policy_workflow._policy_name_sql('e."policy_data"') }}) over (
        partition by e."execution_id"
    ) as policy_name,
    e."event_time" as event_time,
    {{ policy_workflow._failure_cause_sql('e') }} as cause,
    case
        when e."event" in ('claimed', 'resumed') then null
        else datediff(
            millisecond,
            lag(e."event_time") over (partition by e."execution_id" order by e."sequence"),
            e."event_time"
        )
    end as active_ms
from {{ policy_workflow._relation_name('policy_execution_events') }} as e
where
    e."event" <> 'superseded'
    and {{ condition }}
{%- endmacro %}
