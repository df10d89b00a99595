{#- The names of the procedures, in the order in which they are registered. -#}
{% macro _procedures() -%}
    {{- return(['create_policy', 'poll_policy_status', 'trigger_circuit_breaker', 'cancel_policy_execution']) -}}
{%- endmacro %}
