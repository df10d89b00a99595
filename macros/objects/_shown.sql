{#- Returns the rows of SHOW <kind> for the object with the full name `parts`, in whatever case; no rows where
    the object is not there or not visible to this role. LIKE takes _ as a wildcard, so the names are
    compared. SHOW ... IN ACCOUNT fails for no role (docs/snowflake_facts.md#show-and-describe). -#}
{% macro _shown(kind, parts) -%}
    {%- set columns = ['database_name', 'schema_name', 'name'] if parts | length == 3 else ['database_name', 'name'] -%}
    {%- set literal = policy_workflow._sql_literal(parts[-1]) -%}
    {%- set shown = [] -%}
    {%- for row in run_query("show " ~ kind ~ " like " ~ literal ~ " in account").rows -%}
        {%- set found = [] -%}
        {%- for column in columns -%}{%- do found.append(row[column]) -%}{%- endfor -%}
        {%- if found | map('upper') | list == parts | map('upper') | list -%}
            {%- do shown.append(row) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(shown) -}}
{%- endmacro %}
