{#- What a table needs: each change its statements, and what it does in words. `found` are the columns that
    it has, or none when it is not there. Added columns are nullable and without default: ALTER takes no
    other (facts, 9.3); rows that are there keep what they have. -#}
{% macro _table_changes(name, table, found) -%}
    {%- set relation = policy_workflow._relation_name(name) -%}
    {%- set changes = [] -%}
    {%- if found is none -%}
        {%- set definitions = [] -%}
        {%- for column in table.columns -%}
            {%- do definitions.append('"' ~ column.name ~ '" ' ~ column.type ~ (' default ' ~ column.default if column.default is defined else '')) -%}
        {%- endfor -%}
        {%- do changes.append({'table': name, 'is_new': true, 'says': "created table " ~ name, 'statements': ["create table if not exists " ~ relation ~ " (\n    " ~ definitions | join(",\n    ") ~ "\n)"]}) -%}
    {%- elif table.known_by | reject('in', found) | list -%}
        {{- policy_workflow._fail(relation ~ " is not the workflow's: it has no column \"" ~ table.known_by | reject('in', found) | join('", "') ~ "\" (quoted, lower-case). Nothing was changed. Rename its columns, or move it away: alter table " ~ relation ~ " rename to " ~ relation ~ "_old. Or let the workflow live elsewhere: the var policy_workflow_schema") -}}
    {%- else -%}
        {%- set names = [] -%}
        {%- set statements = [] -%}
        {%- for column in table.columns if column.name not in found -%}
            {%- do names.append(column.name) -%}
            {%- do statements.append('alter table ' ~ relation ~ ' add column if not exists "' ~ column.name ~ '" ' ~ column.type) -%}
        {%- endfor -%}
        {%- if names -%}
            {%- do changes.append({'table': name, 'is_new': false, 'says': "added to table " ~ name ~ ", whose rows stay as they are: " ~ names | join(', '), 'statements': statements}) -%}
        {%- endif -%}
    {%- endif -%}
    {{- return(changes) -}}
{%- endmacro %}
