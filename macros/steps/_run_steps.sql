{#- Create, poll, trigger, for the executions given; each step only for those that the table says
    have reached it. -#}
{% macro _run_steps(executions) -%}
    {%- do policy_workflow._create_policies(executions) -%}
    {%- set ids = executions | map(attribute='execution_id') | list -%}
    {%- set created = policy_workflow._executions_at('policy_created', ids) -%}
    {%- set ready = created.ready -%}
    {%- if created.found -%}
        {%- do policy_workflow._poll_policies(created.found) -%}
        {%- set ready = policy_workflow._executions_at('policy_ready', ids).found -%}
    {%- endif -%}
    {%- if ready -%}
        {%- do policy_workflow._trigger_circuit_breakers(ready) -%}
    {%- endif -%}
{%- endmacro %}
