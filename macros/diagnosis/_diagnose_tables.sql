{#- Returns whether all tables can be read as they are; adds what it finds about them and their columns. -#}
{% macro _diagnose_tables(findings, role) -%}
    {%- set found = policy_workflow._found_columns() -%}
    {%- set state = namespace(usable=true) -%}
    {%- for name, table in policy_workflow._tables().items() -%}
        {%- set missing = [] -%}
        {%- set different = [] -%}
        {%- for column in table.columns if found[name] is not none -%}
            {%- set kind = modules.re.sub('[(].*', '', found[name].get(column.name, '')) | lower -%}
            {%- if not kind -%}
                {%- do missing.append(column.name) -%}
            {%- elif kind.replace('_tz', '_ltz') != column.type -%}
                {%- do different.append(column.name ~ ' is ' ~ kind ~ ' instead of ' ~ column.type) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set values = {'name': name, 'table': policy_workflow._relation_name(name), 'role': role} -%}
        {%- if found[name] is none -%}
            {%- do policy_workflow._add_finding(findings, 'table_missing', values) -%}
        {%- elif missing -%}
            {%- do policy_workflow._add_finding(findings, 'table_old', dict(values, columns=missing | join(', '))) -%}
        {%- elif different -%}
            {%- set columns = different | join('; ') -%}
            {%- do policy_workflow._add_finding(findings, 'table_differs', dict(values, columns=columns)) -%}
        {%- else -%}
            {%- set count = table.columns | length -%}
            {%- do policy_workflow._add_finding(findings, 'table', dict(values, count=count)) -%}
        {%- endif -%}
        {%- if found[name] is none or missing or different -%}{%- set state.usable = false -%}{%- endif -%}
    {%- endfor -%}
    {{- return(state.usable) -}}
{%- endmacro %}
