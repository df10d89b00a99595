{#- Who is connected, and where; answers role, warehouse and user, and whether the schema is there. -#}
{% macro _diagnose_connection(findings) -%}
    {%- set row = run_query("select current_account() as account, current_user() as user_name, current_role() as role_name, current_warehouse() as warehouse, current_version() as version").rows[0] -%}
    {%- set role = row['ROLE_NAME'] -%}
    {%- do policy_workflow._add_finding(findings, 'connection', 'ok', "account " ~ row['ACCOUNT'] ~ ", user " ~ row['USER_NAME'] ~ ", Snowflake " ~ row['VERSION'] ~ ", dbt " ~ dbt_version) -%}
    {%- if target.role and role and target.role | upper != role | upper -%}
        {%- do policy_workflow._add_finding(findings, 'role', 'warn', role ~ ", but the profile says " ~ target.role, "Correct role in the profile, or: grant role " ~ target.role ~ " to user " ~ row['USER_NAME']) -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'role', 'ok' if role else 'error', role or 'none', none if role else "Name a role in the profile") -%}
    {%- endif -%}
    {%- if row['WAREHOUSE'] -%}
        {%- do policy_workflow._add_finding(findings, 'warehouse', 'ok', row['WAREHOUSE']) -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'warehouse', 'error', "none, or role " ~ role ~ " may not use it; procedures need one", "Name a warehouse in the profile; grant usage on warehouse " ~ (target.warehouse or '...') ~ " to role " ~ role) -%}
    {%- endif -%}
    {%- set name = policy_workflow._schema_name() -%}
    {%- set schema_exists = policy_workflow._schema_is_there() -%}
    {%- if schema_exists -%}
        {%- do policy_workflow._add_finding(findings, 'schema', 'ok', name) -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'schema', 'error', name ~ " does not exist, or role " ~ role ~ " may not see it", "create schema if not exists " ~ name ~ "; or correct the profile, policy_workflow_database and policy_workflow_schema") -%}
    {%- endif -%}
    {{- return({'role': role, 'warehouse': row['WAREHOUSE'], 'user': row['USER_NAME'], 'schema_exists': schema_exists}) -}}
{%- endmacro %}
