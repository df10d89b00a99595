{#- Where tables and procedures live. -#}

{#- Returns the database and schema of tables and procedures: the vars, or else the target's. Refuses a name
    that SQL takes in quotes only, before anything is printed or sent: everything that names the schema,
    models and people included, would have to quote the name. -#}
{% macro _schema_name() -%}
    {%- set database = policy_workflow._setting('policy_workflow_database') or target.database -%}
    {%- set schema = policy_workflow._setting('policy_workflow_schema') or target.schema -%}
    {%- for kind, name in [('database', database), ('schema', schema)] -%}
        {%- if not modules.re.fullmatch('[A-Za-z_][A-Za-z0-9_$]*', name | string) -%}
            {{- policy_workflow._fail(
                "the profile names the " ~ kind ~ " " ~ policy_workflow._got(name) ~ ", which SQL takes in quotes "
                ~ "only. Nothing was sent. Give it a name of letters, digits, _ and $, or let tables and "
                ~ "procedures live elsewhere: the var policy_workflow_" ~ kind
            ) -}}
        {%- endif -%}
    {%- endfor -%}
    {{- return(database ~ "." ~ schema) -}}
{%- endmacro %}

{#- Returns the fully qualified name of a table or a procedure. -#}
{% macro _relation_name(name) -%}
    {{- return(policy_workflow._schema_name() ~ "." ~ name) -}}
{%- endmacro %}

{#- Returns whether this role sees the schema. -#}
{% macro _schema_is_there() -%}
    {{- return(policy_workflow._shown('schemas', policy_workflow._schema_name().split('.')) | length > 0) -}}
{%- endmacro %}
