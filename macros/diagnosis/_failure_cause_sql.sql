{#- An expression: the cause of an event of the events table, null where nothing went wrong. -#}
{% macro _failure_cause_sql(alias) -%}
case
    when {{ alias }}."error_class" is null and {{ alias }}."status_after" is distinct from 'error' then null
{%- for cause in policy_workflow._failure_causes() %}
    {%- set column = 'outcome' if cause.outcome is defined else 'error_class' %}
    when {{ alias }}."{{ column }}" in ('{{ cause[column] | join("', '") }}') then '{{ cause.name }}'
{%- endfor %}
    else 'unclassified'
end
{%- endmacro %}
