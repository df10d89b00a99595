{#- Where tables and procedures live: the vars, else the target's. A name that SQL takes in quotes only is
    refused, before anything is printed or sent: it would have to be quoted by all that names it, models
    and those who query included. -#}
{% macro _schema_name() -%}
    {%- set database = policy_workflow._setting('policy_workflow_database') or target.database -%}
    {%- set schema = policy_workflow._setting('policy_workflow_schema') or target.schema -%}
    {%- for kind, name in [('database', database), ('schema', schema)] if not modules.re.fullmatch('[A-Za-z_][A-Za-z0-9_$]*', name | string) -%}
        {{- policy_workflow._fail("the profile names the " ~ kind ~ " " ~ policy_workflow._got(name) ~ ", which SQL takes in quotes only. Nothing was sent. Give it a name of letters, digits, _ and $, or let tables and procedures live elsewhere: the var policy_workflow_" ~ kind) -}}
    {%- endfor -%}
    {{- return(database ~ "." ~ schema) -}}
{%- endmacro %}
