{#- What is wrong with the headers of the description, and with where the idempotency key stands. -#}

{#- Returns the pattern of a header's name (RFC 9110, 5.1). -#}
{% macro _header_pattern() -%}
    {{- return("[A-Za-z0-9!#$%&'*+.^_`|~-]+") -}}
{%- endmacro %}

{#- Returns the headers that the connection makes, in lower case: nobody may say them. -#}
{% macro _headers_of_connection() -%}
    {{- return(['host', 'content-length', 'connection', 'transfer-encoding', 'accept-encoding']) -}}
{%- endmacro %}

{#- Returns nothing: adds what is wrong with the headers. `secrets` are the types of the secrets by alias. -#}
{% macro _add_header_problems(problems, headers, secrets) -%}
    {%- set place = 'policy_api.headers' -%}
    {%- if headers is not none and headers is not mapping -%}
        {%- do policy_workflow._add_problem(problems, place, 'headers', {'got': policy_workflow._kind(headers)}) -%}
    {%- endif -%}
    {%- set seen = [] -%}
    {%- for name, value in (headers if headers is mapping else {}).items() -%}
        {%- set here = policy_workflow._place_in(place, name) -%}
        {%- if not modules.re.fullmatch(policy_workflow._header_pattern(), name) -%}
            {%- do policy_workflow._add_problem(problems, here, 'header_name') -%}
        {%- elif name | lower in policy_workflow._headers_of_connection() -%}
            {%- do policy_workflow._add_problem(problems, here, 'header_of_connection') -%}
        {%- elif name | lower in seen -%}
            {%- do policy_workflow._add_problem(problems, here, 'header_twice') -%}
        {%- endif -%}
        {%- do seen.append(name | lower) -%}
        {%- do policy_workflow._add_header_value_problems(problems, here, name, value, secrets) -%}
    {%- endfor -%}
{%- endmacro %}

{#- Returns nothing: adds what is wrong with the value of one header. A header whose name speaks of a secret
    takes its value from a SECRET: what stands in a var stands in files and logs. -#}
{% macro _add_header_value_problems(problems, place, name, value, secrets) -%}
    {%- set is_secret = modules.re.search('(?i)(authorization|key|token|secret|password|cookie)$', name) -%}
    {%- if value is not string or not value -%}
        {%- do policy_workflow._add_problem(problems, place, 'header_value', {
            'got': policy_workflow._kind(value)
        }) -%}
    {%- elif not modules.re.fullmatch('[!-~]([ -~]*[!-~])?', value) -%}
        {%- do policy_workflow._add_problem(problems, place, 'header_characters') -%}
    {%- elif is_secret and not modules.re.search('[{][A-Za-z_][A-Za-z0-9_.]*[}]', value) -%}
        {%- do policy_workflow._add_problem(problems, place, 'header_literal') -%}
    {%- else -%}
        {%- do policy_workflow._add_text_placeholder_problems(problems, place, value, ['secret'], secrets) -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns nothing: adds what is wrong with where the idempotency key stands, at one place of the description.
    Whether the place is free is looked at later, when all else is right. -#}
{% macro _add_idempotency_problems(problems, place, value) -%}
    {%- if value is mapping -%}
        {%- do policy_workflow._add_key_problems(problems, place, value, ['header', 'body'], []) -%}
    {%- endif -%}
    {%- if value is mapping and (('header' in value) == ('body' in value)) or not (
        value is mapping or value is none or value == 'none'
    ) -%}
        {%- do policy_workflow._add_problem(problems, place, 'idempotency', {'got': policy_workflow._kind(value)}) -%}
    {%- elif value is mapping and 'header' in value -%}
        {%- set name = value.header -%}
        {%- set reserved = policy_workflow._headers_of_connection() + ['accept', 'content-type'] -%}
        {%- if name is not string or not modules.re.fullmatch(policy_workflow._header_pattern(), name) -%}
            {%- set values = {'got': policy_workflow._got(name)} -%}
            {%- do policy_workflow._add_problem(problems, place ~ '.header', 'key_header', values) -%}
        {%- elif name | lower in reserved -%}
            {%- do policy_workflow._add_problem(problems, place ~ '.header', 'header_of_connection') -%}
        {%- endif -%}
    {%- elif value is mapping -%}
        {%- set spec = {'example': '/incident/incident_key'} -%}
        {%- do policy_workflow._add_pointer_problem(problems, place ~ '.body', value.body, spec) -%}
    {%- endif -%}
{%- endmacro %}
