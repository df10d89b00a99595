{#- The only macro that warns, with one line; the command goes on, unless dbt makes warnings errors. -#}
{% macro _warn(message) -%}
    {%- do exceptions.warn("policy_workflow: " ~ policy_workflow._line(message)) -%}
{%- endmacro %}
