{#- The names of the procedures, in the order in which they are registered; the first three are the
    steps, which is all that a run calls. -#}
{% macro _procedures() -%}
    {{- return(['create_policy', 'poll_policy_status', 'trigger_circuit_breaker', 'cancel_policy_execution', 'check_policy_api', 'advance_policy_workflow']) -}}
{%- endmacro %}
