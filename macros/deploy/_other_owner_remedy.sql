{#- What to do about a procedure that is another role's than the tables are. -#}
{% macro _other_owner_remedy(name, owner) -%}
    {%- set signature = policy_workflow._relation_name(name) ~ "(varchar)" -%}
    {{- return("If it is the workflow's: grant ownership on procedure " ~ signature ~ " to role " ~ owner ~ " copy current grants. If nobody knows it: drop procedure " ~ signature ~ "; then, as role " ~ owner ~ ": dbt run-operation deploy_policy_workflow") -}}
{%- endmacro %}
