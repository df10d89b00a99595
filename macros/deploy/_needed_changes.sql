{#- What the tables need to be current, as _table_changes tells it; nothing is changed. -#}
{% macro _needed_changes() -%}
    {%- set found = policy_workflow._found_columns() -%}
    {%- set changes = [] -%}
    {%- for name, table in policy_workflow._tables().items() -%}
        {%- do changes.extend(policy_workflow._table_changes(name, table, found[name])) -%}
    {%- endfor -%}
    {{- return(changes) -}}
{%- endmacro %}
