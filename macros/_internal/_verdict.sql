{#- The last line: what the run came to. Anything but completed fails the command (exit code 1). -#}
{% macro _verdict(execution_ids, rows) -%}
    {%- set completed = rows.values() | selectattr('status', 'equalto', 'completed') | selectattr('circuit_breaker_completed') | map(attribute='execution_id') | list -%}
    {%- set others = execution_ids | reject('in', completed) | list -%}
    {%- if others -%}
        {{- policy_workflow._fail_not_completed(others, rows, execution_ids | length) -}}
    {%- endif -%}
    {%- do policy_workflow._log("✅ policy_workflow: " ~ execution_ids | length ~ " of " ~ execution_ids | length ~ " execution(s) completed") -%}
{%- endmacro %}
