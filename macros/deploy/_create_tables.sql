{#- Creates the tables, or adds the columns that they lack. -#}
{% macro _create_tables() -%}
    {%- for table in policy_workflow._tables().values() -%}
        {%- for statement in table.ddl -%}
            {%- do run_query(statement) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
