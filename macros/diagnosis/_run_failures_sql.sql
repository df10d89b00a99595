{#- A query: what the executions of a run that stand at 'error' failed of, one row a cause. -#}
{% macro _run_failures_sql(run) -%}
with latest as (
    select
        e."execution_id" as execution_id,
        e."status_after" as status_after,
        e."message" as message,
        {{ policy_workflow._failure_cause_sql('e') }} as cause
    from {{ policy_workflow._relation_name('policy_execution_events') }} as e
    inner join {{ policy_workflow._relation_name('policy_execution_runs') }} as r
        on e."execution_id" = r."execution_id"
    where
        r."run_id" = {{ policy_workflow._sql_literal(run) }}
        and r."problem" is null
        and e."event" <> 'superseded'
    qualify row_number() over (partition by e."execution_id" order by e."sequence" desc) = 1
)
select
    cause,
    count(*) over (partition by cause) as executions,
    execution_id,
    message
from latest
where
    status_after = 'error'
    and cause <> 'cancelled'
qualify row_number() over (partition by cause order by execution_id) = 1
order by
    executions desc,
    cause
{%- endmacro %}
