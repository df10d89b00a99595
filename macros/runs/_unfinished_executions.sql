{#- Returns the ids of executions that failed or were left behind and whose lease no run holds, oldest
    first. They are read from the events, because retention removes failed rows from the state table. -#}
{% macro _unfinished_executions(max_age_hours, limit) -%}
    {%- set statement -%}
select latest."execution_id"
from (
    select
        e."execution_id",
        e."event",
        e."status_after",
        e."event_time"
    from {{ policy_workflow._relation_name('policy_execution_events') }} e
    where
        e."event" <> 'superseded'
        and e."event_time" >= dateadd(hour, -{{ max_age_hours }}, current_timestamp())
    qualify row_number() over (partition by e."execution_id" order by e."sequence" desc) = 1
) latest
left join {{ policy_workflow._relation_name('policy_execution_state') }} t
    on latest."execution_id" = t."execution_id"
where
    latest."status_after" <> 'completed'
    and latest."event" <> 'cancelled'
    and (
        t."lease_expires_at" is null
        or t."lease_expires_at" <= sysdate()
    )
order by latest."event_time"
limit {{ limit }}
    {%- endset -%}
    {%- set ids = [] -%}
    {%- for row in run_query(statement).rows -%}
        {%- do ids.append(row['execution_id']) -%}
    {%- endfor -%}
    {{- return(ids) -}}
{%- endmacro %}
