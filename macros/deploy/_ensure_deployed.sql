{#- Makes sure that tables and procedures are there and current, and says what it did, item by item;
    answers whether anything was changed. When the `needed` procedures are current it sends one SHOW and
    no DDL, so the role needs no CREATE privilege, and no grant on a procedure that it does not call;
    `whole` looks at tables and older versions all the same. `reads` are the tables that the command reads
    itself. -#}
{% macro _ensure_deployed(needed, whole=false, reads=[]) -%}
    {%- set rights = [] -%}
    {%- for table in reads -%}{%- do rights.append('select on table ' ~ table) -%}{%- endfor -%}
    {%- do policy_workflow._say_needed_grants(rights) -%}
    {%- set found = policy_workflow._registered_procedures() -%}
    {%- set changed = namespace(any=false) -%}
    {%- set body = policy_workflow._body_with_settings() -%}
    {%- if whole or policy_workflow._stale_procedures(needed, found, body) -%}
        {%- set stale = policy_workflow._stale_procedures(policy_workflow._procedures(), found, body) -%}
        {%- if stale -%}
            {%- do policy_workflow._say_missing_grants(needed | reject('in', found | map(attribute='name') | list) | list) -%}
        {%- endif -%}
        {%- set old = policy_workflow._old_procedures(found) -%}
        {%- if stale -%}
            {%- do log("policy_workflow: preparing " ~ policy_workflow._schema_name() ~ " (tables, " ~ stale | length ~ " procedures)", info=true) -%}
        {%- endif -%}
        {%- set tables = policy_workflow._create_tables() -%}
        {#- With optional arguments it would make calls ambiguous: it goes before the new one comes. -#}
        {%- do policy_workflow._drop_procedures(old | selectattr('has_optional') | list) -%}
        {%- for procedure in stale -%}
            {%- do run_query(procedure.statement) -%}
            {%- do log("policy_workflow: registered procedure " ~ procedure.name, info=true) -%}
        {%- endfor -%}
        {%- do policy_workflow._drop_procedures(old | rejectattr('has_optional') | list) -%}
        {%- set changed.any = (tables or stale or old | selectattr('verdict', 'equalto', 'ours') | list) | length > 0 -%}
    {%- endif -%}
    {{- return(changed.any) -}}
{%- endmacro %}
