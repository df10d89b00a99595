{#- Returns nothing: ends a model where the tables that it reads are missing or not current, with the command
    that mends it. With the var policy_workflow_create_tables it makes the tables instead. -#}
{% macro _require_tables() -%}
    {%- set changes = policy_workflow._needed_changes() -%}
    {%- if changes and policy_workflow._setting('policy_workflow_create_tables') -%}
        {%- do policy_workflow._create_schema() -%}
        {%- do policy_workflow._check_project(policy_workflow._registered_procedures()) -%}
        {%- do policy_workflow._create_tables() -%}
    {%- elif changes and changes[0].is_new -%}
        {%- do policy_workflow._fail_table_missing(changes[0].table) -%}
    {%- elif changes -%}
        {{- policy_workflow._fail(
            policy_workflow._relation_name(changes[0].table) ~ " was made by an older version; to bring it up to "
            ~ "date: dbt run-operation deploy_policy_workflow"
        ) -}}
    {%- endif -%}
{%- endmacro %}
