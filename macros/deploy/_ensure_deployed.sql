{#- Makes sure that tables and procedures are there and current; answers what it registered.
    When the `needed` ones are current it sends one SHOW and no DDL, so the role needs no CREATE
    privilege, and no grant on a procedure that it does not call. -#}
{% macro _ensure_deployed(needed) -%}
    {%- set found = policy_workflow._registered_hashes() -%}
    {%- set stale = [] -%}
    {%- set registered = [] -%}
    {%- for name in policy_workflow._procedures() -%}
        {%- set ddl = policy_workflow._procedure_ddl(name) -%}
        {%- if found.get(name) != ddl.hash -%}
            {%- do stale.append({'name': name, 'statement': ddl.statement}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if stale | selectattr('name', 'in', needed) | list -%}
        {%- do log("policy_workflow: preparing " ~ policy_workflow._schema_name() ~ " (tables, " ~ stale | length ~ " procedures)", info=true) -%}
        {%- do policy_workflow._create_tables() -%}
        {%- for procedure in stale -%}
            {%- do run_query(procedure.statement) -%}
            {%- do registered.append(procedure.name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(registered) -}}
{%- endmacro %}
