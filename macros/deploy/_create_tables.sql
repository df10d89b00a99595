{#- Creates the tables, or adds the columns that they lack, and says so; where they are current it sends
    no DDL. A table of our name that is not the workflow's is refused before anything is changed. -#}
{% macro _create_tables() -%}
    {%- set changes = policy_workflow._needed_changes() -%}
    {%- for change in changes -%}
        {%- for statement in change.statements -%}
            {%- do run_query(statement) -%}
        {%- endfor -%}
        {%- do policy_workflow._log("policy_workflow: " ~ change.says) -%}
    {%- endfor -%}
    {{- return(changes) -}}
{%- endmacro %}
