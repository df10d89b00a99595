{#- Reads where executions stand, in a statement of its own: the table decides, not a variable.
    Returns a dictionary of rows by execution_id. -#}
{% macro _read_executions(execution_ids) -%}
    {%- set statement -%}
select
    t."execution_id",
    t."policy_id",
    t."status",
    t."poll_count",
    t."completed",
    t."requires_circuit_breaker",
    t."circuit_breaker_initiated",
    t."circuit_breaker_completed",
    t."error_message",
    t."message",
    t."invocation_id",
    t."lease_expires_at",
    t."lease_expires_at" <= current_timestamp()::timestamp_ntz as "lease_expired"
from {{ policy_workflow._relation_name('policy_execution_state') }} t
join {{ policy_workflow._listed_sql(execution_ids) }} s
    on t."execution_id" = s.item
    {%- endset -%}
    {%- set rows = {} -%}
    {%- for row in run_query(statement).rows -%}
        {%- if row['execution_id'] in rows -%}
            {{- policy_workflow._fail("execution " ~ row['execution_id'] ~ " stands twice in policy_execution_state") -}}
        {%- endif -%}
        {%- do rows.update({row['execution_id']: row}) -%}
    {%- endfor -%}
    {{- return(rows) -}}
{%- endmacro %}
