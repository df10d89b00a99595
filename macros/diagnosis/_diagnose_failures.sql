{#- What executions failed of in the last 24 hours and have not got over: by cause, with a count, an
    example and the remedy. -#}
{% macro _diagnose_failures(findings) -%}
    {%- set statement -%}
with events as (
{{ policy_workflow._recent_events_sql(24) }}
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
        {%- do policy_workflow._add_finding(findings, cause.name, 'warn', row['EXECUTIONS'] ~ " execution(s): " ~ cause.says ~ ". Such as " ~ row['EXECUTION_ID'] ~ ": " ~ row['MESSAGE'], cause.remedy) -%}
    {%- endfor -%}
    {%- if not rows -%}
        {%- do policy_workflow._add_finding(findings, 'failures', 'ok', "none in the last 24 hours that is not mended") -%}
    {%- endif -%}
{%- endmacro %}
