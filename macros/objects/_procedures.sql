{#- The procedures of the workflow: their names, and what this role sees of them. -#}

{#- Returns the names of the procedures, in the order in which they are registered. The first three are the
    steps, which are all that a run calls. -#}
{% macro _procedures() -%}
    {{- return([
        'create_policy',
        'poll_policy_status',
        'trigger_circuit_breaker',
        'cancel_policy_execution',
        'check_policy_api',
        'advance_policy_workflow',
        'explain_policy_api'
    ]) -}}
{%- endmacro %}

{#- Returns the procedures of the schema that are ours or have a name of ours, as one SHOW lists them for this
    role: name, types of the arguments, and from the COMMENT, which only our registration writes
    (docs/snowflake_facts.md#show-and-describe), the hash, the dbt project and the marks (see
    _registration_marks); they are none for other procedures. `fits` says whether the signature is this
    version's. -#}
{% macro _registered_procedures() -%}
    {%- set names = policy_workflow._procedures() -%}
    {%- set procedures = [] -%}
    {%- for row in run_query("show procedures in schema " ~ policy_workflow._schema_name()).rows -%}
        {%- set name = row['name'] | lower -%}
        {%- set stamp = policy_workflow._stamp(row['description']) -%}
        {#- We never quote a procedure's name: a name with lower-case letters is somebody else's. -#}
        {%- set is_plain = modules.re.fullmatch('[A-Z_][A-Z0-9_$]*', row['name']) -%}
        {%- if is_plain and (stamp or name in names) -%}
            {%- set signature = row['arguments'].partition('(')[2].rpartition(') RETURN')[0] -%}
            {%- set types = modules.re.sub('DEFAULT |[(][0-9, ]*[)]', '', signature) -%}
            {%- do procedures.append({
                'name': name,
                'types': types,
                'hash': stamp.group(1) if stamp else none,
                'project': stamp.group(2) if stamp else none,
                'marks': stamp.group(3) if stamp else none,
                'fits': name in names and types == 'VARCHAR',
                'has_optional': row['min_num_arguments'] != row['max_num_arguments']
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(procedures) -}}
{%- endmacro %}

{#- Returns what the COMMENT of a procedure of ours says, as a match: hash, dbt project and marks; none for another
    COMMENT. -#}
{% macro _stamp(comment) -%}
    {{- return(modules.re.fullmatch(
        'policy_workflow ([0-9a-f]{32})(?: of ([A-Za-z0-9_]+))?(, package [0-9a-f]{8}, vars [0-9a-f]*)?', comment or ''
    )) -}}
{%- endmacro %}

{#- Returns the types of a signature as SHOW writes them; `signature` is what INFORMATION_SCHEMA writes, such as
    (A VARCHAR, B NUMBER). -#}
{% macro _signature_types(signature) -%}
    {%- set plain = modules.re.sub('[(][0-9, ]*[)]', '', signature[1:-1]) -%}
    {%- set types = modules.re.findall('([A-Za-z_0-9]+)(?: DEFAULT [^,]*)?(?:,|$)', plain) -%}
    {{- return(types | join(', ') | upper) -}}
{%- endmacro %}
