{#- What a step is called, by its number. -#}
{% macro _step_name(step) -%}
    {{- return({1: 'create policy', 2: 'poll policy status', 3: 'trigger circuit breaker'}[step]) -}}
{%- endmacro %}
