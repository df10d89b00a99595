{#- The package's on-run-start: the models read the tables, so the tables are there first; procedures
    are never registered here. Commands that only look (compile, docs generate), and builds in which
    nothing of this package is selected, send nothing. Where the tables are current no DDL is sent, so
    that a role that may not create them can build. Switched off by the var
    policy_workflow_create_tables. -#}
{% macro _create_tables_before_models() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'test', 'snapshot') and policy_workflow._setting('policy_workflow_create_tables') -%}
        {%- set ours = [] -%}
        {%- for resource in selected_resources if resource.split('.')[1] == 'policy_workflow' -%}
            {%- do ours.append(resource) -%}
        {%- endfor -%}
        {%- if ours -%}
            {%- do policy_workflow._say_grants_of_models(ours) -%}
            {%- do policy_workflow._create_tables() -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
