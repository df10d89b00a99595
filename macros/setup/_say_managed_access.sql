{#- Returns nothing: warns, before grants on what a deployment made, where the schema has managed access. There
    the owner of an object may not grant on the object, and Snowflake's refusal does not say so
    (docs/snowflake_facts.md#show-and-describe). No statement shows which role has MANAGE GRANTS, so nothing
    is refused here. -#}
{% macro _say_managed_access() -%}
    {%- set schema = policy_workflow._schema_name() -%}
    {%- for row in policy_workflow._shown('schemas', schema.split('.')) -%}
        {%- if 'MANAGED ACCESS' in (row['options'] or '') -%}
            {%- do policy_workflow._log(
                "⚠️  policy_workflow: schema " ~ schema ~ " has managed access: only role " ~ row['owner']
                ~ ", which owns it, or one with MANAGE GRANTS can give these grants. If they are refused, run this "
                ~ "part as that role"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
