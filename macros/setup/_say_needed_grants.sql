{#- Says, before the first statement and without one, which rights the role needs on what the command uses:
    Snowflake refuses in words that name no grant, and Jinja cannot catch them. `rights` come after USAGE,
    as '<right> on <object>'. -#}
{% macro _say_needed_grants(rights=[], schemas=none) -%}
    {%- set places = schemas or [policy_workflow._schema_name()] -%}
    {%- set used = [] -%}
    {%- for place in places -%}
        {%- set database = 'database ' ~ place.split('.')[0] -%}
        {%- if database not in used -%}{%- do used.append(database) -%}{%- endif -%}
    {%- endfor -%}
    {%- for place in places -%}{%- do used.append('schema ' ~ place) -%}{%- endfor -%}
    {%- do used.append('warehouse ' ~ target.warehouse if target.warehouse else 'a warehouse') -%}
    {%- set role = 'role ' ~ target.role if target.role else "the user's default role" -%}
    {%- do policy_workflow._log("policy_workflow: " ~ role ~ " needs usage on " ~ ([used | join(', ')] + rights) | join('; ')) -%}
{%- endmacro %}
