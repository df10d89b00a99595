{#- Before grants on what a deployment made: where the schema has managed access, its objects' owner may
    not give them, and Snowflake refuses in words that do not say so (facts, 00). Which role has MANAGE
    GRANTS is not shown, so nothing is refused here. -#}
{% macro _say_managed_access() -%}
    {%- set database, schema = policy_workflow._schema_name().split('.') -%}
    {%- for row in run_query("show schemas like " ~ policy_workflow._sql_literal(schema) ~ " in account").rows -%}
        {%- if (row['database_name'] ~ '.' ~ row['name']) | upper == policy_workflow._schema_name() | upper and 'MANAGED ACCESS' in (row['options'] or '') -%}
            {%- do policy_workflow._log("⚠️  policy_workflow: schema " ~ policy_workflow._schema_name() ~ " has managed access: only role " ~ row['owner'] ~ ", which owns it, or one with MANAGE GRANTS can give these grants. If they are refused, run this part as that role") -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
