{#- The project's on-run-start: the models read the tables, so the tables are there first; procedures
    are never registered here. Commands that only look (compile, docs generate) create nothing, and
    where the tables are current no DDL is sent, so that a role that may not create them can build.
    Switched off by the var policy_workflow_create_tables. -#}
{% macro _create_tables_before_models() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'test', 'snapshot') and policy_workflow._setting('policy_workflow_create_tables') -%}
        {%- set found = policy_workflow._found_columns() -%}
        {%- set state = namespace(current=true) -%}
        {%- for name, table in policy_workflow._tables().items() -%}
            {%- for column in table.columns if column.name not in (found[name] or {}) -%}
                {%- set state.current = false -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if not state.current -%}
            {%- do policy_workflow._create_tables() -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
