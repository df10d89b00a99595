{#- What there is of our tables: by name, a mapping of columns to types, or none where the table is not
    there or not for this role. SHOW ... IN ACCOUNT fails for no role, whatever is missing. -#}
{% macro _found_columns() -%}
    {%- set found = {} -%}
    {%- for name in policy_workflow._tables() -%}{%- do found.update({name: none}) -%}{%- endfor -%}
    {%- set schema = policy_workflow._schema_name() | upper -%}
    {%- for table in run_query("show tables like 'policy_execution_%' in account").rows -%}
        {%- set name = table['name'] | lower -%}
        {%- if name in found and (table['database_name'] ~ '.' ~ table['schema_name']) | upper == schema -%}
            {%- set columns = {} -%}
            {%- for column in run_query("describe table " ~ policy_workflow._relation_name(name)).rows -%}
                {%- do columns.update({column['name']: column['type']}) -%}
            {%- endfor -%}
            {%- do found.update({name: columns}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}
