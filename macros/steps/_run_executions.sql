{#- Drives executions to their ends, or with wait=false as far as they go at once, reports them, and
    ends with the verdict. -#}
{% macro _run_executions(executions, wait) -%}
    {%- set ids = executions | map(attribute='execution_id') | list -%}
    {%- if wait -%}
        {%- set rows = policy_workflow._drive_executions(executions) -%}
        {%- do policy_workflow._report_executions(ids, rows) -%}
        {%- do policy_workflow._verdict(ids, rows) -%}
    {%- else -%}
        {%- do policy_workflow._run_steps(policy_workflow._selection(executions), false) -%}
        {%- set rows = policy_workflow._read_executions(ids) -%}
        {%- do policy_workflow._report_executions(ids, rows) -%}
        {%- do policy_workflow._verdict_so_far(ids, rows) -%}
    {%- endif -%}
{%- endmacro %}
