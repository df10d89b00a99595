{#- The last line of a run that does not wait: fails it for executions that failed, not for open ones. -#}
{% macro _verdict_so_far(execution_ids, rows) -%}
    {%- set ended = [] -%}
    {%- set open = [] -%}
    {%- for id in execution_ids -%}
        {%- if id in rows and not rows[id]['completed'] -%}{%- do open.append(id) -%}{%- else -%}{%- do ended.append(id) -%}{%- endif -%}
    {%- endfor -%}
    {%- if ended -%}
        {%- do policy_workflow._verdict(ended, rows) -%}
    {%- endif -%}
    {%- if open -%}
        {%- do policy_workflow._log("✅ policy_workflow: " ~ open | length ~ " execution(s) started; to take them further: dbt run-operation advance_policy_workflow") -%}
    {%- endif -%}
{%- endmacro %}
