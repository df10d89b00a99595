{#- Returns role, warehouse and user of the connection, and whether the schema is there; adds what it finds. -#}
{% macro _diagnose_connection(findings) -%}
    {%- set statement = "select current_account() as account, current_user() as user_name, "
        ~ "current_role() as role_name, current_warehouse() as warehouse, current_version() as version" -%}
    {%- set row = run_query(statement).rows[0] -%}
    {%- set role = row['ROLE_NAME'] -%}
    {%- set user = row['USER_NAME'] -%}
    {%- do policy_workflow._add_finding(findings, 'connection', {
        'account': row['ACCOUNT'], 'user': user, 'version': row['VERSION'], 'dbt': dbt_version
    }) -%}
    {%- if not role -%}
        {%- do policy_workflow._add_finding(findings, 'role_missing') -%}
    {%- elif target.role and target.role | upper != role | upper -%}
        {%- set values = {'role': role, 'wanted': target.role, 'user': user} -%}
        {%- do policy_workflow._add_finding(findings, 'role_differs', values) -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'role', {'role': role}) -%}
    {%- endif -%}
    {%- if row['WAREHOUSE'] -%}
        {%- do policy_workflow._add_finding(findings, 'warehouse', {'warehouse': row['WAREHOUSE']}) -%}
    {%- else -%}
        {%- set values = {'warehouse': target.warehouse or '...', 'role': role} -%}
        {%- do policy_workflow._add_finding(findings, 'warehouse_missing', values) -%}
    {%- endif -%}
    {%- set schema_exists = policy_workflow._schema_is_there() -%}
    {%- set values = {'schema': policy_workflow._schema_name(), 'role': role} -%}
    {%- if schema_exists -%}
        {%- do policy_workflow._add_finding(findings, 'schema', values) -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'schema_missing', values) -%}
    {%- endif -%}
    {{- return({'role': role, 'warehouse': row['WAREHOUSE'], 'user': user, 'schema_exists': schema_exists}) -}}
{%- endmacro %}
