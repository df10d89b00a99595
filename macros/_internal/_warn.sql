{#- Returns nothing: warns with one line. The command goes on, unless dbt makes warnings errors. The only
    macro that warns. -#}
{% macro _warn(message) -%}
    {%- do exceptions.warn("policy_workflow: " ~ policy_workflow._line(message)) -%}
{%- endmacro %}
