{#- Says, for what reads our tables, that one is not there, and what makes it. -#}
{% macro _fail_table_missing(name) -%}
    {{- policy_workflow._fail(policy_workflow._relation_name(name) ~ " is not there, or role " ~ (target.role or '...') ~ " may not see it; to make it: dbt run-operation deploy_policy_workflow") -}}
{%- endmacro %}
