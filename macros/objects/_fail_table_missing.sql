{#- Returns nothing: ends the command because a table is not there, or is not visible to this role, with what
    creates the table and what shows it: SELECT, and USAGE on what the table is in, as far as the role does not
    hold it. -#}
{% macro _fail_table_missing(name) -%}
    {%- set table = policy_workflow._relation_name(name) -%}
    {%- set role = run_query("select current_role() as role_name").rows[0]['ROLE_NAME'] -%}
    {%- set database, schema = policy_workflow._schema_name().split('.') -%}
    {%- set needed = [] -%}
    {%- for right, kind, object in [
        ('usage', 'database', database), ('usage', 'schema', database ~ '.' ~ schema), ('select', 'table', table)
    ] -%}
        {%- do needed.append({'right': right, 'kind': kind, 'name': object, 'role': role}) -%}
    {%- endfor -%}
    {%- set grants = [] -%}
    {%- for grant in (policy_workflow._missing_grants(role, needed) if role else []) or needed[2:] -%}
        {%- do grants.append(policy_workflow._grant_sql(grant)) -%}
    {%- endfor -%}
    {{- policy_workflow._fail(
        table ~ " does not exist, or role " ~ role ~ " may not see it. To create it: "
        ~ "dbt run-operation deploy_policy_workflow; or: " ~ grants | join('; ')
    ) -}}
{%- endmacro %}
