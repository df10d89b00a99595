{#- Executions that failed or were left behind and whose lease no run holds. They are read from the events, because
    retention removes failed rows from the state table. -#}

{#- Returns the oldest of them, at most `limit`: {'ids': ..., 'total': how many there are}. -#}
{% macro _unfinished_executions(max_age_hours, limit) -%}
    {%- set statement -%}
select
    u."execution_id",
    count(*) over () as "executions"
from (
{{ policy_workflow._unfinished_sql(max_age_hours) }}
) u
order by u."event_time"
limit {{ limit }}
    {%- endset -%}
    {%- set ids = [] -%}
    {%- set state = namespace(total=0) -%}
    {%- for row in run_query(statement).rows -%}
        {%- do ids.append(row['execution_id']) -%}
        {%- set state.total = row['executions'] | int -%}
    {%- endfor -%}
    {{- return({'ids': ids, 'total': state.total}) -}}
{%- endmacro %}

{#- Returns a query: these executions, with the time and the error_class of their latest event. -#}
{% macro _unfinished_sql(max_age_hours) -%}
select
    latest."execution_id",
    latest."event_time",
    latest."error_class"
from (
    select
        e."execution_id",
        e."event",
        e."status_after",
        e."event_time",
        e."error_class"
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
{%- endmacro %}
