{#- Says of procedures whether they are the workflow's and this role may drop them, in `verdict`: 'ours',
    'foreign' or 'hidden'. Ours is what carries our COMMENT, or one of our names and a body that names
    the state table, as older versions have it. A body is shown only to those who own it: others see no
    row, or an empty definition (facts, 00). INFORMATION_SCHEMA fails for no role. -#}
{% macro _judged_procedures(procedures) -%}
    {%- set database, schema = policy_workflow._schema_name().split('.') -%}
    {%- set statement -%}
select
    lower(p.procedure_name) as name,
    p.argument_signature as signature,
    contains(lower(nullif(p.procedure_definition, '')), 'policy_execution_state') as names_table
from {{ database }}.information_schema.procedures as p
where upper(p.procedure_schema) = {{ policy_workflow._sql_literal(schema | upper) }}
    {%- endset -%}
    {%- set seen = {} -%}
    {%- if procedures -%}
        {%- for row in run_query(statement).rows -%}
            {%- do seen.update({row['NAME'] ~ policy_workflow._signature_types(row['SIGNATURE']): row['NAMES_TABLE']}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for procedure in procedures -%}
        {%- set names_table = seen.get(procedure.name ~ procedure.types) -%}
        {%- do procedure.update({'verdict': 'hidden' if names_table is none else 'ours' if procedure.hash or names_table else 'foreign'}) -%}
    {%- endfor -%}
    {{- return(procedures) -}}
{%- endmacro %}
