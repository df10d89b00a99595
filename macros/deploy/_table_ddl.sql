{#- The statements that make a table, and that add to an older one what it lacks: `first` columns are
    those that it has had from the beginning. -#}
{% macro _table_ddl(name, columns, first) -%}
    {%- set relation = policy_workflow._relation_name(name) -%}
    {%- set definitions = [] -%}
    {%- for column in columns[:first] -%}
        {%- do definitions.append('"' ~ column.name ~ '" ' ~ column.type ~ (' default ' ~ column.default if column.default is defined else '')) -%}
    {%- endfor -%}
    {%- set statements = ["create table if not exists " ~ relation ~ " (\n    " ~ definitions | join(",\n    ") ~ "\n)"] -%}
    {%- for column in columns[first:] -%}
        {%- do statements.append('alter table ' ~ relation ~ ' add column if not exists "' ~ column.name ~ '" ' ~ column.type) -%}
    {%- endfor -%}
    {{- return(statements) -}}
{%- endmacro %}
