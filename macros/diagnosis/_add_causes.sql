{#- Returns how many causes there are why executions failed; adds each cause, with a count, an example and the
    remedy. `events` is the SQL of the events of the executions (see _events_sql). -#}
{% macro _add_causes(findings, events, level) -%}
    {%- set statement -%}
with events as (
{{ events }}
),
latest as (
    select *
    from events
    qualify row_number() over (partition by execution_id order by sequence desc) = 1
)
select
    cause,
    count(*) over (partition by cause) as executions,
    execution_id,
    policy_name,
    message
from latest
where
    status_after = 'error'
    and cause <> 'cancelled'
qualify row_number() over (partition by cause order by event_time desc, execution_id) = 1
order by
    executions desc,
    cause
    {%- endset -%}
    {%- set rows = run_query(statement).rows -%}
    {%- for row in rows -%}
        {%- set cause = policy_workflow._failure_cause({'cause': row['CAUSE']}) -%}
        {%- do policy_workflow._add_finding(findings, 'cause', {
            'cause': cause.name,
            'says': cause.says,
            'remedy': policy_workflow._remedy(
                cause, execution_id=row['EXECUTION_ID'], message=row['MESSAGE']
            ),
            'count': row['EXECUTIONS'],
            'example': policy_workflow._named(row['POLICY_NAME'], row['EXECUTION_ID']),
            'message': row['MESSAGE']
        }, level) -%}
    {%- endfor -%}
    {{- return(rows | length) -}}
{%- endmacro %}
