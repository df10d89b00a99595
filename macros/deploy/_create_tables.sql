{#- Creates the tables and their schema, or brings older tables up to date. Where they are current no DDL is
    sent. -#}

{#- Returns nothing: creates the schema of the workflow where this role sees none, as dbt does for models.
    First it logs the grants that help where Snowflake refuses; Snowflake's refusal names no grant. -#}
{% macro _create_schema() -%}
    {%- if not policy_workflow._schema_is_there() -%}
        {%- set schema = policy_workflow._schema_name() -%}
        {%- set role = target.role or '...' -%}
        {%- do policy_workflow._log(
            "policy_workflow: there is no schema " ~ schema ~ " that role " ~ role ~ " may see, so it is created. "
            ~ "Where that is refused: grant usage on schema " ~ schema ~ " to role " ~ role ~ ", if it is there; or: "
            ~ "grant create schema on database " ~ schema.split('.')[0] ~ " to role " ~ role
        ) -%}
        {%- do run_query("create schema if not exists " ~ schema) -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns the changes that were made, as _needed_changes returns them, and logs each. A table of our name
    that is not the workflow's is refused before anything is changed. -#}
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

{#- Returns what all tables need to be current, as _table_changes does; changes nothing. -#}
{% macro _needed_changes() -%}
    {%- set found = policy_workflow._found_columns() -%}
    {%- set changes = [] -%}
    {%- for name, table in policy_workflow._tables().items() -%}
        {%- do changes.extend(policy_workflow._table_changes(name, table, found[name])) -%}
    {%- endfor -%}
    {{- return(changes) -}}
{%- endmacro %}

{#- Returns what a table needs to be current: a list of changes, each with its statements and with words for
    what they do. `found` are the columns that the table has, or none where it is not there. Added columns
    are nullable and without default, because ALTER takes no others (docs/snowflake_facts.md#time); rows
    that are there stay as they are. -#}
{% macro _table_changes(name, table, found) -%}
    {%- set relation = policy_workflow._relation_name(name) -%}
    {%- set lacking = table.known_by | reject('in', found or {}) | list -%}
    {%- set changes = [] -%}
    {%- if found is none -%}
        {%- set definitions = [] -%}
        {%- for column in table.columns -%}
            {%- set default = ' default ' ~ column.default if column.default is defined else '' -%}
            {%- do definitions.append('"' ~ column.name ~ '" ' ~ column.type ~ default) -%}
        {%- endfor -%}
        {%- set columns = " (\n    " ~ definitions | join(",\n    ") ~ "\n)" -%}
        {%- do changes.append({
            'table': name,
            'is_new': true,
            'says': "created table " ~ name,
            'statements': ["create table if not exists " ~ relation ~ columns]
        }) -%}
    {%- elif lacking -%}
        {{- policy_workflow._fail(
            relation ~ " is not the workflow's: it has no column \"" ~ lacking | join('", "')
            ~ "\" (quoted, lower-case). Nothing was changed. Rename its columns, or move it away: alter table "
            ~ relation ~ " rename to " ~ relation ~ "_old. Or let the workflow live elsewhere: the var "
            ~ "policy_workflow_schema"
        ) -}}
    {%- else -%}
        {%- set names = [] -%}
        {%- set statements = [] -%}
        {%- set alter = 'alter table ' ~ relation ~ ' add column if not exists "' -%}
        {%- for column in table.columns if column.name not in found -%}
            {%- do names.append(column.name) -%}
            {%- do statements.append(alter ~ column.name ~ '" ' ~ column.type) -%}
        {%- endfor -%}
        {%- if names -%}
            {%- do changes.append({
                'table': name,
                'is_new': false,
                'says': "added to table " ~ name ~ ", whose rows stay as they are: " ~ names | join(', '),
                'statements': statements
            }) -%}
        {%- endif -%}
    {%- endif -%}
    {{- return(changes) -}}
{%- endmacro %}
