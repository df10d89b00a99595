{#- Whether this role sees the schema of the workflow. LIKE takes _ as a wildcard, so the name is
    compared; SHOW ... IN ACCOUNT fails for no role. -#}
{% macro _schema_is_there() -%}
    {%- set database, schema = policy_workflow._schema_name().split('.') -%}
    {%- set found = [] -%}
    {%- for row in run_query("show schemas like " ~ policy_workflow._sql_literal(schema) ~ " in account").rows -%}
        {%- if (row['database_name'] ~ '.' ~ row['name']) | upper == policy_workflow._schema_name() | upper -%}
            {%- do found.append(row['name']) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found | length > 0) -}}
{%- endmacro %}
