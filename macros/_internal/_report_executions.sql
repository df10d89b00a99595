{#- The four lines of each execution; for more than five a summary. -#}
{% macro _report_executions(execution_ids, rows) -%}
    {%- if execution_ids | length <= 5 -%}
        {%- for id in execution_ids if id in rows -%}
            {%- do policy_workflow._report_execution(rows[id]) -%}
        {%- endfor -%}
    {%- else -%}
        {%- set completed = rows.values() | selectattr('status', 'equalto', 'completed') | list | length -%}
        {%- do policy_workflow._log("policy_workflow: " ~ completed ~ " of " ~ execution_ids | length ~ " executions completed") -%}
    {%- endif -%}
{%- endmacro %}
