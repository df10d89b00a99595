{#- The names of those of our tables that are there for this role. SHOW ... IN ACCOUNT fails for no role,
    whatever is missing. -#}
{% macro _found_tables() -%}
    {%- set found = [] -%}
    {%- set schema = policy_workflow._schema_name() | upper -%}
    {%- for table in run_query("show tables like 'policy_execution_%' in account").rows -%}
        {%- if table['name'] | lower in policy_workflow._tables() and (table['database_name'] ~ '.' ~ table['schema_name']) | upper == schema -%}
            {%- do found.append(table['name'] | lower) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}
