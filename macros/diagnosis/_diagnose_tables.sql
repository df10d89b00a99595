{#- Both tables and their columns; answers whether both can be read. -#}
{% macro _diagnose_tables(findings, role) -%}
    {%- set deploy = "dbt run-operation deploy_policy_workflow" -%}
    {%- set found = policy_workflow._found_columns() -%}
    {%- set state = namespace(usable=true) -%}
    {%- for name, table in policy_workflow._tables().items() -%}
        {%- if found[name] is none -%}
            {%- set state.usable = false -%}
            {%- do policy_workflow._add_finding(findings, name, 'error', "not there, or role " ~ role ~ " may not see it", deploy ~ "; or: grant select on table " ~ policy_workflow._relation_name(name) ~ " to role " ~ role) -%}
        {%- else -%}
            {%- set missing = [] -%}
            {%- set different = [] -%}
            {%- for column in table.columns -%}
                {%- set kind = modules.re.sub('[(].*', '', found[name].get(column.name, '')) | lower -%}
                {%- if not kind -%}
                    {%- do missing.append(column.name) -%}
                {%- elif kind.replace('_tz', '_ltz') != column.type -%}
                    {%- do different.append(column.name ~ ' is ' ~ kind ~ ' instead of ' ~ column.type) -%}
                {%- endif -%}
            {%- endfor -%}
            {%- if missing -%}
                {%- set state.usable = false -%}
                {%- do policy_workflow._add_finding(findings, name, 'error', "made by an older version; without " ~ missing | join(', '), deploy) -%}
            {%- elif different -%}
                {%- set state.usable = false -%}
                {%- do policy_workflow._add_finding(findings, name, 'error', different | join('; '), "alter table " ~ policy_workflow._relation_name(name) ~ " rename to " ~ policy_workflow._relation_name(name ~ '_old') ~ "; then " ~ deploy) -%}
            {%- else -%}
                {%- do policy_workflow._add_finding(findings, name, 'ok', table.columns | length ~ " columns, as they should be") -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(state.usable) -}}
{%- endmacro %}
