{#- Makes sure that tables and procedures are there and current; answers what it did.
    When all is current it sends one SHOW and no DDL, so the role needs no CREATE privilege. -#}
{% macro _ensure_deployed() -%}
    {%- set found = {} -%}
    {%- set shown = run_query("show procedures in schema " ~ policy_workflow._schema_name()) -%}
    {%- for row in shown.rows -%}
        {%- do found.update({row['name'] | lower: row['description']}) -%}
    {%- endfor -%}
    {%- set stale = [] -%}
    {%- for name in policy_workflow._procedures() -%}
        {%- set ddl = policy_workflow._procedure_ddl(name) -%}
        {%- if found.get(name) != 'policy_workflow ' ~ ddl.hash -%}
            {%- do stale.append({'name': name, 'statement': ddl.statement, 'known': name in found}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if stale -%}
        {%- do log("policy_workflow: preparing " ~ policy_workflow._schema_name() ~ " (tables, " ~ stale | length ~ " procedures)", info=true) -%}
        {%- for statement in policy_workflow._state_table_ddl() + policy_workflow._events_table_ddl() -%}
            {%- do run_query(statement) -%}
        {%- endfor -%}
        {%- for procedure in stale -%}
            {%- do run_query(procedure.statement) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(stale | map(attribute='name') | list) -}}
{%- endmacro %}
