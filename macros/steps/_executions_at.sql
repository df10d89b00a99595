{#- Reads the table and answers which of this run's executions stand at a status (found), and which
    at 'policy_ready' (ready). -#}
{% macro _executions_at(status, execution_ids) -%}
    {%- set found = [] -%}
    {%- set ready = [] -%}
    {%- for id, row in policy_workflow._read_executions(execution_ids).items() if row['invocation_id'] == invocation_id -%}
        {%- if row['status'] == status and row['policy_id'] -%}{%- do found.append(id) -%}{%- endif -%}
        {%- if row['status'] == 'policy_ready' and row['policy_id'] -%}{%- do ready.append(id) -%}{%- endif -%}
    {%- endfor -%}
    {{- return({'found': found, 'ready': ready}) -}}
{%- endmacro %}
