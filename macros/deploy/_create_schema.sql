{#- Creates the schema of the workflow where there is none for this role, as dbt does for models. It says
    first what helps where Snowflake refuses, whose words do not. -#}
{% macro _create_schema() -%}
    {%- if not policy_workflow._schema_is_there() -%}
        {%- set schema = policy_workflow._schema_name() -%}
        {%- set role = target.role or '...' -%}
        {%- do policy_workflow._log("policy_workflow: there is no schema " ~ schema ~ " that role " ~ role ~ " may see, so it is created. Where that is refused: grant usage on schema " ~ schema ~ " to role " ~ role ~ ", if it is there; or: grant create schema on database " ~ schema.split('.')[0] ~ " to role " ~ role) -%}
        {%- do run_query("create schema if not exists " ~ schema) -%}
    {%- endif -%}
{%- endmacro %}
