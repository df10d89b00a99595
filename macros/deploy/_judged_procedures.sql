{#- Which procedures of a schema are the workflow's. -#}

{#- Returns some procedures, each with whether it is the workflow's and this role may drop it, in `verdict`:
    'ours', 'foreign' or 'hidden'. Ours is a procedure with our COMMENT, or with a name of ours and a body
    that names the state table, as older versions have it. A body is shown only to the role that owns it:
    other roles see no row, or an empty definition (docs/snowflake_facts.md#show-and-describe).
    INFORMATION_SCHEMA fails for no role. -#}
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
            {%- set types = policy_workflow._signature_types(row['SIGNATURE']) -%}
            {%- do seen.update({row['NAME'] ~ types: row['NAMES_TABLE']}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for procedure in procedures -%}
        {%- set names_table = seen.get(procedure.name ~ procedure.types) -%}
        {%- set verdict = 'ours' if procedure.hash or names_table else 'foreign' -%}
        {%- do procedure.update({'verdict': 'hidden' if names_table is none else verdict}) -%}
    {%- endfor -%}
    {{- return(procedures) -}}
{%- endmacro %}

{#- Returns the found procedures that this version does not register: older signatures, and procedures that
    are no longer part of the workflow. Refuses to begin where a procedure that would be replaced is
    not ours. -#}
{% macro _old_procedures(found) -%}
    {%- set unstamped = found | selectattr('fits') | selectattr('hash', 'none') | list -%}
    {%- set judged = policy_workflow._judged_procedures(found | rejectattr('fits') | list + unstamped) -%}
    {%- for procedure in judged if procedure.fits and procedure.verdict != 'ours' -%}
        {%- set signature = policy_workflow._relation_name(procedure.name) ~ "(" ~ procedure.types ~ ")" -%}
        {{- policy_workflow._fail(
            signature ~ " is not the workflow's, or belongs to another role: it has no COMMENT of ours, and no body "
            ~ "that names the state table. Nothing was changed. Drop it (drop procedure " ~ signature
            ~ "), or let the workflow live elsewhere: the var policy_workflow_schema"
        ) -}}
    {%- endfor -%}
    {{- return(judged | rejectattr('fits') | list) -}}
{%- endmacro %}
