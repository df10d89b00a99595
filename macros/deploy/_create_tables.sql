{#- Creates the tables, or adds the columns that they lack, and says so; where they are current it sends
    no DDL. A table of our name that is not the workflow's is refused before anything is changed. -#}
{% macro _create_tables() -%}
    {%- set found = policy_workflow._found_columns() -%}
    {%- set changes = [] -%}
    {%- for name, table in policy_workflow._tables().items() -%}
        {%- do changes.extend(policy_workflow._table_changes(name, table, found[name])) -%}
    {%- endfor -%}
    {%- for change in changes -%}
        {%- for statement in change.statements -%}
            {%- do run_query(statement) -%}
        {%- endfor -%}
        {%- do policy_workflow._log("policy_workflow: " ~ change.says) -%}
    {%- endfor -%}
    {{- return(changes) -}}
{%- endmacro %}
