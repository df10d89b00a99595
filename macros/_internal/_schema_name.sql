{#- Where tables and procedures live: the vars, else the target's. -#}
{% macro _schema_name() -%}
    {%- set database = policy_workflow._setting('policy_workflow_database') or target.database -%}
    {%- set schema = policy_workflow._setting('policy_workflow_schema') or target.schema -%}
    {{- return(database ~ "." ~ schema) -}}
{%- endmacro %}
