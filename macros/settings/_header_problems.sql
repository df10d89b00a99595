{#- What is wrong with the headers of the description, and with where the idempotency key stands. -#}

{#- Returns the pattern of a header's name (RFC 9110, 5.1). -#}
{% macro _header_pattern() -%}
    {{- return("[A-Za-z0-9!#$%&'*+.^_`|~-]+") -}}
{%- endmacro %}

{#- Returns the pattern of the headers that no description may say, in lower case: those that the connection
    makes, and those that change what is transferred, or on which condition. -#}
{% macro _headers_of_connection() -%}
    {{- return(
        'host|connection|keep-alive|proxy-.+|te|trailers?|transfer-encoding|upgrade|http2-settings|expect|via'
        ~ '|content-(length|encoding|range|location|md5)|accept-(encoding|ranges)|range|if-.+|max-forwards|sec-.+'
        ~ '|date'
    ) -}}
{%- endmacro %}

{#- Returns nothing: adds what is wrong with headers. A null says nothing at the top, and at an endpoint it takes
    a header out. `secrets` are the types of the secrets by alias, `right` the patterns of _right_values. -#}
{% macro _add_header_problems(problems, place, headers, secrets, right) -%}
    {%- if headers is not none and headers is not mapping -%}
        {%- do policy_workflow._add_problem(problems, place, 'headers', {'got': policy_workflow._kind(headers)}) -%}
    {%- endif -%}
    {%- set seen = [] -%}
    {%- for name, value in (headers if headers is mapping else {}).items() -%}
        {%- if name | lower in seen or not policy_workflow._is_right_header(name, value, right, secrets) -%}
            {%- set here = policy_workflow._place_in(place, name) -%}
            {%- do policy_workflow._add_one_header_problems(problems, here, name, value, seen, secrets) -%}
        {%- endif -%}
        {%- do seen.append(name | lower) -%}
    {%- endfor -%}
{%- endmacro %}

{#- Returns nothing: adds what is wrong with one header. `seen` are the names before it, in lower case. -#}
{% macro _add_one_header_problems(problems, place, name, value, seen, secrets) -%}
    {%- set of_key = '(?i)(.*[-_])?idempotency[-_]?(key|id|token)|(x[-_])?idempotency' -%}
    {%- if not modules.re.fullmatch(policy_workflow._header_pattern(), name) -%}
        {%- do policy_workflow._add_problem(problems, place, 'header_name') -%}
    {%- elif modules.re.fullmatch(policy_workflow._headers_of_connection(), name | lower) -%}
        {%- do policy_workflow._add_problem(problems, place, 'header_of_connection') -%}
    {%- elif modules.re.fullmatch(of_key, name) and value is not none -%}
        {%- do policy_workflow._add_problem(problems, place, 'header_of_key', {'name': name}) -%}
    {%- elif name | lower in seen -%}
        {%- do policy_workflow._add_problem(problems, place, 'header_twice') -%}
    {%- endif -%}
    {%- if value is not none and not modules.re.fullmatch(of_key, name) -%}
        {%- do policy_workflow._add_header_value_problems(problems, place, name, value, secrets) -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns nothing: adds what is wrong with the value of one header. What is likely a credential comes from a
    SECRET: what stands in a var stands in files and logs. -#}
{% macro _add_header_value_problems(problems, place, name, value, secrets) -%}
    {%- set sent_as = '(?i)(application|text|model|image)/([a-z0-9.+-]*[.+-])?json([.+-][a-z0-9.+-]*)?|text/plain'
        ~ '|application/x-www-form-urlencoded' -%}
    {%- if value is not string or not value -%}
        {%- do policy_workflow._add_problem(problems, place, 'header_value', {
            'got': policy_workflow._kind(value)
        }) -%}
    {%- elif not modules.re.fullmatch('[!-~]([ -~]*[!-~])?', value) -%}
        {%- do policy_workflow._add_problem(problems, place, 'header_characters') -%}
    {%- elif policy_workflow._is_credential(name, value) -%}
        {%- do policy_workflow._add_problem(problems, place, 'header_literal') -%}
    {%- elif name | lower == 'content-type' and not modules.re.fullmatch(sent_as, value.split(';')[0] | trim) -%}
        {%- do policy_workflow._add_problem(problems, place, 'header_content_type') -%}
    {%- elif name | lower == 'content-type' and modules.re.search('(?i)charset *=(?! *"?utf-?8)', value) -%}
        {%- do policy_workflow._add_problem(problems, place, 'header_charset') -%}
    {%- else -%}
        {%- set before = problems | length -%}
        {%- do policy_workflow._add_text_placeholder_problems(problems, place, value, ['secret'], secrets) -%}
        {%- if '{' in value and problems | length == before -%}
            {%- do policy_workflow._add_brace_problem(problems, place, value, secrets) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns nothing: adds braces in the value of a header that begin like a placeholder and are none, and a brace
    too many beside a placeholder. Both would be sent as they stand. -#}
{% macro _add_brace_problem(problems, place, value, secrets) -%}
    {%- set rest = modules.re.sub('[{]secret[.][A-Za-z0-9_.]+[}]', 'x', value) -%}
    {%- set is_odd = rest != value and rest.count('{') != rest.count('}') -%}
    {%- set names = '(?i)[{]\\s*(policy|secret|execution_id|api_execution_id|trigger_reason)' -%}
    {%- if is_odd or modules.re.search(names, rest) -%}
        {%- set known = policy_workflow._known_placeholders(['secret'], secrets) -%}
        {%- set words = 'header_braces' if secrets else 'header_braces_none' -%}
        {%- do policy_workflow._add_problem(problems, place, words, {'known': known}) -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns whether a header is likely a credential that is written out: by its name, by its scheme, or by the
    form that tokens of known services have. Many keys and tokens are none, such as X-Correlation-Key and
    X-Page-Token. What begins like a placeholder is looked at as one. -#}
{% macro _is_credential(name, value) -%}
    {%- set plain = name.lower().replace('_', '-') -%}
    {%- set keys = '(api|app|application|access|secret|private|auth|account|subscription|master|shared|signing'
        ~ '|encryption|storage|license|consumer|client|functions|service|integration|ingest|write|admin|user)-?' -%}
    {%- set named = '(authorization|secret|passw(or)?d|passphrase|cookie|credentials?|jwt|token|signature|(^|-)auth'
        ~ '|(^|-|db|user|admin)pass|(^|^x-|' ~ keys ~ ')key)$' -%}
    {%- set valued = '^(?i:bearer) +[^ ]|^(?i:token +token) *=|^(?i:basic) +(?=([^ ]{4}){2,}$)(?=.[a-z]*[^a-z])'
        ~ '[A-Za-z0-9+/]+=*$|(^|[^A-Za-z0-9])(gh[oprsu]_[A-Za-z0-9]{8}|github_pat_|glpat-|xox[abprs]-'
        ~ '|[prs]k_(live|test)_|A(KI|SI)A[0-9A-Z]{12}|eyJ[A-Za-z0-9_-]*[.])' -%}
    {%- set is_place = modules.re.search('(page|next|sync|cursor|continuation|cancellation|resume)-?token$', plain) -%}
    {%- set is_named = modules.re.search(named, plain) and not is_place -%}
    {%- set is_likely = is_named or modules.re.search(valued, value) -%}
    {{- return(is_likely and not modules.re.search('[{][A-Za-z_][A-Za-z0-9_.]*[}]|[{] *(?i:secret)', value)) -}}
{%- endmacro %}

{#- Returns nothing: adds what is wrong with where the idempotency key stands, at one place of the description.
    Whether the place is free is looked at later, when all else is right. -#}
{% macro _add_idempotency_problems(problems, place, value) -%}
    {%- set name, pointer = (value.get('header'), value.get('body')) if value is mapping else (none, none) -%}
    {%- if value is mapping -%}
        {%- do policy_workflow._add_key_problems(problems, place, value, ['header', 'body'], []) -%}
    {%- endif -%}
    {%- if (name is none) == (pointer is none) and value is not none and value != 'none' -%}
        {%- set is_none = policy_workflow._means_none(value) -%}
        {%- set got = tojson(value) if is_none else policy_workflow._kind(value) -%}
        {%- set words = 'idempotency_none' if is_none else 'idempotency' -%}
        {%- do policy_workflow._add_problem(problems, place, words, {'got': got}) -%}
    {%- elif name is not none -%}
        {%- set taken = policy_workflow._headers_of_connection()
            ~ '|accept.*|content-.+|authorization|cookie|from|origin|referer|user-agent|forwarded' -%}
        {%- if name is not string or not modules.re.fullmatch(policy_workflow._header_pattern(), name) -%}
            {%- set values = {'got': policy_workflow._got(name)} -%}
            {%- do policy_workflow._add_problem(problems, place ~ '.header', 'key_header', values) -%}
        {%- elif modules.re.fullmatch(taken, name | lower) -%}
            {%- do policy_workflow._add_problem(problems, place ~ '.header', 'key_header_taken', {'name': name}) -%}
        {%- endif -%}
    {%- elif pointer is not none -%}
        {%- set spec = {'example': '/incident/incident_key'} -%}
        {%- do policy_workflow._add_pointer_problem(problems, place ~ '.body', pointer, spec) -%}
    {%- endif -%}
{%- endmacro %}
