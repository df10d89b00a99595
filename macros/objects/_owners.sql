{#- Which roles own the procedures and the state table. A procedure of another owner than the table's is not
    called: everybody who may create procedures in the schema can copy the COMMENT by which ours are known. -#}

{#- Returns the owners of the named procedures, of the state table and of other `tables`, as far as this role sees
    them: a mapping of 'policy_execution_state' and of each name to a role, or to none. The statement fails for no
    role that may enter the database, whether the schema is there or not. To `seen` it adds the procedures with
    their hash, as _registered_procedures returns them, as far as INFORMATION_SCHEMA shows them. -#}
{% macro _owners(names, tables=[], seen=[]) -%}
    {%- set tables = (['policy_execution_state'] + tables | list) | unique | list -%}
    {%- set listed = [] -%}
    {%- for table in tables -%}{%- do listed.append(policy_workflow._sql_literal(table | upper)) -%}{%- endfor -%}
    {%- set database, schema = policy_workflow._schema_name().split('.') -%}
    {%- set statement -%}
select
    lower(p.procedure_name) as name,
    p.argument_signature as signature,
    p.procedure_owner as owner,
    p.comment as description
from {{ database }}.information_schema.procedures as p
where
    upper(p.procedure_schema) = {{ policy_workflow._sql_literal(schema | upper) }}
    and p.procedure_name = upper(p.procedure_name)
union all
select
    lower(t.table_name),
    null,
    t.table_owner,
    null
from {{ database }}.information_schema.tables as t
where
    upper(t.table_schema) = {{ policy_workflow._sql_literal(schema | upper) }}
    and upper(t.table_name) in ({{ listed | join(", ") }})
    {%- endset -%}
    {%- set owners = {} -%}
    {%- for name in tables + names -%}{%- do owners.update({name: none}) -%}{%- endfor -%}
    {%- for row in run_query(statement).rows if row['NAME'] in owners -%}
        {%- if row['SIGNATURE'] is none or policy_workflow._signature_types(row['SIGNATURE']) == 'VARCHAR' -%}
            {%- do owners.update({row['NAME']: row['OWNER'] or none}) -%}
            {%- set stamp = policy_workflow._stamp(row['DESCRIPTION']) -%}
            {%- do seen.append({'name': row['NAME'], 'fits': true, 'hash': stamp.group(1) if stamp else none}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(owners) -}}
{%- endmacro %}

{#- Returns nothing: adds to what _owners returned the owners that INFORMATION_SCHEMA hides from roles that do
    not own the procedure (docs/snowflake_facts.md#show-and-describe). SHOW GRANTS shows them to every role
    that may use the procedure. -#}
{% macro _add_hidden_owners(names, owners) -%}
    {%- for name in names if owners[name] is none -%}
        {%- set statement = "show grants on procedure " ~ policy_workflow._relation_name(name) ~ "(varchar)" -%}
        {%- for row in run_query(statement).rows -%}
            {%- if row['privilege'] | upper == 'OWNERSHIP' -%}
                {%- do owners.update({name: row['grantee_name']}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{#- Returns what is wrong with a procedure whose owner `found` is not the tables' `owner`, and what mends it:
    {'says': ..., 'next': ...}. -#}
{% macro _other_owner(name, found, owner) -%}
    {%- set relation = policy_workflow._relation_name(name) -%}
    {%- set signature = relation ~ "(varchar)" -%}
    {%- set role = "role " ~ found if found else "a role that cannot be seen" -%}
    {%- set grant = "grant ownership on procedure " ~ signature ~ " to role " ~ owner ~ " copy current grants" -%}
    {{- return({
        'says': "procedure " ~ relation ~ " belongs to " ~ role
            ~ ", and table policy_execution_state to role " ~ owner,
        'next': "If it is the workflow's: " ~ grant ~ ". If nobody knows it: drop procedure " ~ signature
            ~ "; then, as role " ~ owner ~ ": dbt run-operation deploy_policy_workflow"
    }) -}}
{%- endmacro %}
