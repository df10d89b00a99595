{#- Drives executions to their ends, reports them, and ends with the verdict. -#}
{% macro _run_executions(executions) -%}
    {%- set ids = executions | map(attribute='execution_id') | list -%}
    {%- set rows = policy_workflow._drive_executions(executions) -%}
    {%- do policy_workflow._report_executions(ids, rows) -%}
    {%- do policy_workflow._verdict(ids, rows) -%}
{%- endmacro %}
