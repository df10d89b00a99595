{#- What there is of our tables: by name, a mapping of columns to types, or none where the table is not
    there or not for this role. -#}
{% macro _found_columns() -%}
    {%- set found = {} -%}
    {%- set names = policy_workflow._found_tables() -%}
    {%- for name in policy_workflow._tables() -%}
        {%- set columns = {} -%}
        {%- if name in names -%}
            {%- for column in run_query("describe table " ~ policy_workflow._relation_name(name)).rows -%}
                {%- do columns.update({column['name']: column['type']}) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- do found.update({name: columns or none}) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}
