{#- The names of the three procedures, in the order in which they are registered. -#}
{% macro _procedures() -%}
    {{- return(['create_policy', 'poll_policy_status', 'trigger_circuit_breaker']) -}}
{%- endmacro %}
