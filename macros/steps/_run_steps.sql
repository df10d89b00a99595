{#- Create, poll, trigger, for the executions given; each step only for those that the table says
    have reached it. With wait=false each is polled once, and given up when it is not ready. -#}
{% macro _run_steps(executions, wait=true) -%}
    {%- do policy_workflow._create_policies(executions) -%}
    {%- set ids = executions | map(attribute='execution_id') | list -%}
    {%- set created = policy_workflow._executions_at('policy_created', ids) -%}
    {%- set ready = created.ready -%}
    {%- if created.found -%}
        {%- do policy_workflow._poll_policies(created.found, wait) -%}
        {%- set ready = policy_workflow._executions_at('policy_ready', ids).found -%}
    {%- endif -%}
    {%- if ready -%}
        {%- do policy_workflow._trigger_circuit_breakers(ready) -%}
    {%- endif -%}
{%- endmacro %}
