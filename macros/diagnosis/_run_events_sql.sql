{#- The events of the executions that a run drives; see _events_sql. -#}
{% macro _run_events_sql(run) -%}
{%- set condition -%}
e."execution_id" in (
        select r."execution_id"
        from {{ policy_workflow._relation_name('policy_execution_runs') }} as r
        where
            r."run_id" = {{ policy_workflow._sql_literal(run) }}
            and r."problem" is null
    )
{%- endset -%}
{{ policy_workflow._events_sql(condition) }}
{%- endmacro %}
