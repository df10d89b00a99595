{#- Returns nothing: makes sure, before anything else is sent, that the role may use what every later statement
    needs. Without USAGE on the database or on a warehouse Snowflake refuses the next statement in words that
    name no grant, and Jinja cannot catch that. The query fails for no role and needs no warehouse: a database
    or a warehouse that the role may not use is none for the session. A schema that the role does not see is
    told by _create_schema. -#}
{% macro _say_missing_usage() -%}
    {%- set database, schema = policy_workflow._schema_name().split('.') -%}
    {%- set row = run_query(
        "select current_role() as role_name, current_warehouse() as warehouse, current_database() as database_name"
    ).rows[0] -%}
    {%- set role = row['ROLE_NAME'] -%}
    {%- if not row['WAREHOUSE'] -%}
        {{- policy_workflow._fail(
            "procedures need a warehouse, and role " ~ role ~ " has none that it may use. Name one in the "
            ~ "profile, or: grant usage on warehouse " ~ (target.warehouse or '...') ~ " to role " ~ role
        ) -}}
    {%- endif -%}
    {#- The session is in the profile's database. Where a var names another one, SHOW has to say. -#}
    {%- if (row['DATABASE_NAME'] or '') | upper != database | upper and not policy_workflow._schema_is_there() -%}
        {%- set lines = [] -%}
        {%- for kind, name in [('database', database), ('schema', database ~ '.' ~ schema)] -%}
            {%- set usage = {'right': 'usage', 'kind': kind, 'name': name, 'role': role} -%}
            {%- do lines.append(policy_workflow._grant_sql(usage)) -%}
        {%- endfor -%}
        {%- do policy_workflow._log(
            "⚠️  policy_workflow: role " ~ role ~ " sees nothing in database " ~ database ~ ". Where it is there: "
            ~ lines | join('; ')
        ) -%}
    {%- endif -%}
{%- endmacro %}
