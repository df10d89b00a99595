{#- Create, poll, trigger, for the executions of a selection (see _selection); each step only when the
    table says that some have reached it. With wait=false each is polled once, and given up when it is
    not ready. Returns what step 1 answered. -#}
{% macro _run_steps(selection, wait=true) -%}
    {%- set answer = policy_workflow._create_policies(selection) -%}
    {%- set at = policy_workflow._count_by_status(selection) -%}
    {%- if at.policy_created -%}
        {%- do policy_workflow._poll_policies(selection, wait) -%}
        {%- set at = policy_workflow._count_by_status(selection) -%}
    {%- endif -%}
    {%- if at.policy_ready -%}
        {%- do policy_workflow._trigger_circuit_breakers(selection) -%}
    {%- endif -%}
    {{- return(answer) -}}
{%- endmacro %}
