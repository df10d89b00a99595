{#- The hash in the COMMENT of each of our procedures that this role sees, by name (facts, 8). -#}
{% macro _registered_hashes() -%}
    {%- set hashes = {} -%}
    {%- for row in run_query("show procedures in schema " ~ policy_workflow._schema_name()).rows -%}
        {%- if row['description'] and row['description'].startswith('policy_workflow ') -%}
            {%- do hashes.update({row['name'] | lower: row['description'].split(' ')[1]}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(hashes) -}}
{%- endmacro %}
