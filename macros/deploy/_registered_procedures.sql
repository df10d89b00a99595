{#- The procedures of the schema that are ours or have one of our names, as one SHOW tells them to this
    role: name, types of the arguments, and from the COMMENT that only our registration writes
    (facts, 8) the hash and the dbt project that registered it; others have none. `fits` tells a signature of this version from an older one's. -#}
{% macro _registered_procedures() -%}
    {%- set procedures = [] -%}
    {%- for row in run_query("show procedures in schema " ~ policy_workflow._schema_name()).rows -%}
        {%- set name = row['name'] | lower -%}
        {%- set stamp = modules.re.fullmatch('policy_workflow ([0-9a-f]{32})(?: of ([A-Za-z0-9_]+))?', row['description'] or '') -%}
        {%- set is_known = name in policy_workflow._procedures() -%}
        {#- We never quote a procedure's name: one with lower-case letters is somebody else's. -#}
        {%- if (stamp or is_known) and modules.re.fullmatch('[A-Z_][A-Z0-9_$]*', row['name']) -%}
            {%- set types = modules.re.sub('DEFAULT |[(][0-9, ]*[)]', '', row['arguments'].partition('(')[2].rpartition(') RETURN')[0]) -%}
            {%- do procedures.append({
                'name': name,
                'types': types,
                'hash': stamp.group(1) if stamp else none,
                'project': stamp.group(2) if stamp else none,
                'fits': is_known and types == 'VARCHAR',
                'has_optional': row['min_num_arguments'] != row['max_num_arguments']
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(procedures) -}}
{%- endmacro %}
