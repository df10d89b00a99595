{#- Whose the named procedures and the state table are, as far as this role may see it: a mapping of
    'policy_execution_state' and of each name to a role, or to none. One statement, which fails for no
    role that may enter the database, whether the schema is there or not. -#}
{% macro _owners(names) -%}
    {%- set database, schema = policy_workflow._schema_name().split('.') -%}
    {%- set statement -%}
select
    lower(p.procedure_name) as name,
    p.argument_signature as signature,
    p.procedure_owner as owner
from {{ database }}.information_schema.procedures as p
where upper(p.procedure_schema) = {{ policy_workflow._sql_literal(schema | upper) }}
union all
select
    lower(t.table_name),
    null,
    t.table_owner
from {{ database }}.information_schema.tables as t
where
    upper(t.table_schema) = {{ policy_workflow._sql_literal(schema | upper) }}
    and upper(t.table_name) = 'POLICY_EXECUTION_STATE'
    {%- endset -%}
    {%- set owners = {'policy_execution_state': none} -%}
    {%- for name in names -%}{%- do owners.update({name: none}) -%}{%- endfor -%}
    {%- for row in run_query(statement).rows -%}
        {%- if row['NAME'] in owners and (row['SIGNATURE'] is none or policy_workflow._signature_types(row['SIGNATURE']) == 'VARCHAR') -%}
            {%- do owners.update({row['NAME']: row['OWNER'] or none}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(owners) -}}
{%- endmacro %}
