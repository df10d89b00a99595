{#- Returns nothing: ends the command because a table is not there, or is not visible to this role, with what
    creates the table and what shows it. -#}
{% macro _fail_table_missing(name) -%}
    {%- set table = policy_workflow._relation_name(name) -%}
    {%- set role = target.role or '...' -%}
    {{- policy_workflow._fail(
        table ~ " does not exist, or role " ~ role ~ " may not see it. To create it: "
        ~ "dbt run-operation deploy_policy_workflow; or: grant select on table " ~ table ~ " to role " ~ role
    ) -}}
{%- endmacro %}
