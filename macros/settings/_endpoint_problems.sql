{#- What is wrong with one endpoint of the description: its keys, and the value of each. Each macro returns
    nothing, and adds problems. `spec` is the endpoint's, or the key's, in _policy_api_specs. -#}

{#- Adds what is wrong with an endpoint. What an endpoint does not say is as in the sample API; `find` has no
    such default. `known` is what _policy_api_specs returns. -#}
{% macro _add_endpoint_problems(problems, step, known, given, secrets, specs) -%}
    {%- set place = 'policy_api.' ~ step -%}
    {%- set spec = known.endpoints[step] -%}
    {%- if given is mapping -%}
        {%- do policy_workflow._add_key_problems(problems, place, given, spec.takes | list, spec.required) -%}
        {%- for key, value in given.items() if key in spec.takes and (value is not none or key == 'body') -%}
            {%- set take = spec.takes[key] -%}
            {%- set here = place ~ '.' ~ key -%}
            {%- if take.type == 'headers' -%}
                {%- do policy_workflow._add_header_problems(problems, here, value, secrets, known.right) -%}
            {%- elif value is not none and not policy_workflow._is_right(value, take, spec, known.right, secrets) -%}
                {%- do policy_workflow._add_value_problems(problems, here, value, take, spec, secrets, specs) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- elif given is not none and not (spec.none and given == 'none') -%}
        {%- do policy_workflow._add_kind_problem(problems, place, spec, given) -%}
    {%- endif -%}
{%- endmacro %}

{#- Adds an endpoint that is no mapping, and not none. -#}
{% macro _add_kind_problem(problems, place, spec, given) -%}
    {%- set is_none = policy_workflow._means_none(given) -%}
    {%- set got = tojson(given) if spec.none and is_none else policy_workflow._kind(given) -%}
    {%- do policy_workflow._add_problem(
        problems, place, 'endpoint_none' if spec.none and is_none else 'endpoint_no_mapping',
        {'or_none': ' or none' if spec.none else '', 'keys': spec.takes | join(', '), 'got': got}
    ) -%}
{%- endmacro %}

{#- Returns whether a value is a text that is likely meant as none. -#}
{% macro _means_none(value) -%}
    {{- return(value is string and value | trim | lower in ('none', 'null', 'no', 'off', '~', '-')) -}}
{%- endmacro %}

{#- Adds what is wrong with the value of a key. `spec` is the key's, `of_endpoint` the endpoint's. -#}
{% macro _add_value_problems(problems, place, value, spec, of_endpoint, secrets, specs) -%}
    {%- set got = policy_workflow._got(value) -%}
    {%- if spec.type == 'path' -%}
        {%- do policy_workflow._add_path_problems(problems, place, value, of_endpoint, secrets) -%}
    {%- elif spec.type == 'body' -%}
        {%- do policy_workflow._add_body_problems(problems, place, value, of_endpoint, secrets) -%}
    {%- elif spec.type == 'method' -%}
        {%- if value not in spec.legal -%}
            {%- set values = {'legal': spec.legal | join(', '), 'got': got} -%}
            {%- do policy_workflow._add_problem(problems, place, 'method', values) -%}
        {%- endif -%}
    {%- elif spec.type == 'integer' -%}
        {%- set problem = policy_workflow._value_problem(spec, value) -%}
        {%- if problem -%}
            {%- do policy_workflow._add_problem(problems, place, 'value', {'problem': problem, 'got': got}) -%}
        {%- endif -%}
    {%- elif spec.type == 'idempotency' -%}
        {%- do policy_workflow._add_idempotency_problems(problems, place, value) -%}
    {%- elif spec.type == 'pointers' and value and value.sort is defined -%}
        {%- for item in value -%}
            {%- set here = place ~ '[' ~ loop.index0 ~ ']' -%}
            {%- do policy_workflow._add_pointer_problem(problems, here, item, spec) -%}
        {%- endfor -%}
    {%- elif spec.type in ('pointer', 'pointers') -%}
        {%- do policy_workflow._add_pointer_problem(problems, place, value, spec) -%}
    {%- elif spec.type == 'statuses' -%}
        {%- do policy_workflow._add_statuses_problems(problems, place, value, spec) -%}
    {%- elif spec.type == 'confirm' -%}
        {%- do policy_workflow._add_confirm_problems(problems, place, value) -%}
    {%- else -%}
        {%- set problem = policy_workflow._value_problem(specs.policy_api_base_url, value) -%}
        {%- if problem -%}
            {%- do policy_workflow._add_problem(problems, place, 'value', {'problem': problem, 'got': got}) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Adds what is wrong with a pointer into an answer (RFC 6901), or into its headers. Of what looks like
    another language the nearest pointer is shown. -#}
{% macro _add_pointer_problem(problems, place, value, spec) -%}
    {%- set is_text = value is string and value -%}
    {%- set plain = value | string | trim -%}
    {%- set of_header = is_text and (plain | lower == 'location' or plain.lower().startswith('header:')) -%}
    {%- set meant = policy_workflow._meant_pointer(plain[:2000]) if is_text else '' -%}
    {%- if spec.none and value == 'none' -%}
    {%- elif spec.none and policy_workflow._means_none(value) -%}
        {%- do policy_workflow._add_problem(problems, place, 'pointer_none', {'got': tojson(value)}) -%}
    {%- elif is_text and value | length > 2000 -%}
        {%- do policy_workflow._add_problem(problems, place, 'too_long', {'length': value | length | string}) -%}
    {%- elif of_header and not spec.from_header -%}
        {%- do policy_workflow._add_problem(problems, place, 'pointer_to_header', {'example': spec.example}) -%}
    {%- elif of_header -%}
        {%- set name = plain[7:] | trim -%}
        {%- set right = 'location' if plain | lower == 'location' else 'header:' ~ name -%}
        {%- if right != 'location' and not modules.re.fullmatch(policy_workflow._header_pattern(), name) -%}
            {%- do policy_workflow._add_problem(problems, place, 'pointer_header_name') -%}
        {%- elif value != right -%}
            {%- set values = {'right': right[:200], 'got': policy_workflow._got(value)} -%}
            {%- do policy_workflow._add_problem(problems, place, 'pointer_header_written', values) -%}
        {%- endif -%}
    {%- elif value is string and not value -%}
        {%- do policy_workflow._add_problem(problems, place, 'pointer_whole', {'example': spec.example}) -%}
    {%- elif value is not string or not modules.re.fullmatch('(/([^~/]|~[01])*)+', value) -%}
        {%- set parts = modules.re.findall('[A-Za-z0-9_-]+', '' if policy_workflow._means_none(value) else meant) -%}
        {%- do policy_workflow._add_problem(problems, place, 'pointer', {
            'example': '/' ~ parts | join('/') if parts else spec.example, 'got': policy_workflow._got(value),
            'headers': ', header:X-Scan-Id or location' if spec.from_header else ', or none' if spec.none else ''
        }) -%}
    {%- elif modules.re.search('[{][A-Za-z_][A-Za-z0-9_.]*[}]', value) -%}
        {%- do policy_workflow._add_problem(problems, place, 'pointer_placeholder', {'example': spec.example}) -%}
    {%- elif modules.re.search('/-(/|$)', value) -%}
        {%- do policy_workflow._add_problem(problems, place, 'pointer_after_end', {'example': spec.example}) -%}
    {%- elif meant != value -%}
        {%- set right = modules.re.sub('/+', '/', meant).rstrip('/') or spec.example -%}
        {%- set values = {'right': right[:200], 'got': policy_workflow._got(value)} -%}
        {%- do policy_workflow._add_problem(problems, place, 'pointer_language', values) -%}
    {%- elif modules.re.search('/(/|$)', value) -%}
        {%- set right = modules.re.sub('/+', '/', value).rstrip('/') or spec.example -%}
        {%- do policy_workflow._add_problem(problems, place, 'pointer_empty_key', {'right': right[:200]}) -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns the pointer that is likely meant by one with an index in brackets, with a * for any item, or with
    keys that have at their ends what nobody sees. -#}
{% macro _meant_pointer(value) -%}
    {%- set hidden = '[\\s\\x00-\\x20\\x7f-\\xa0\\xad\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2064\\ufeff]+' -%}
    {%- set visible = modules.re.sub('((?<=/)|^)' ~ hidden ~ '|' ~ hidden ~ '(?=/|$)', '', value) -%}
    {%- set indexed = modules.re.sub('/?\\[([0-9]+)\\]', '/\\1', visible) -%}
    {{- return(modules.re.sub('/?\\[\\*?\\]|/[*](?=/|$)', '/0', indexed)) -}}
{%- endmacro %}

{#- Adds what is wrong with a list of HTTP statuses, by what the list says that they mean. -#}
{% macro _add_statuses_problems(problems, place, value, spec) -%}
    {%- set may = policy_workflow._policy_api_specs().statuses[spec.means] -%}
    {%- if value is not sequence or value is string or value is mapping -%}
        {%- set values = {'example': spec.example, 'says': may.says, 'got': policy_workflow._got(value)} -%}
        {%- do policy_workflow._add_problem(problems, place, 'statuses', values) -%}
    {%- else -%}
        {%- for status in value -%}
            {%- set here = place ~ '[' ~ loop.index0 ~ ']' -%}
            {%- if status is integer and status in (401, 403) -%}
                {%- do policy_workflow._add_problem(problems, here, 'status_of_token', {'status': status}) -%}
            {%- elif status is not integer or not modules.re.fullmatch(may.legal, status | string) -%}
                {%- set values = {'says': may.says, 'got': policy_workflow._got(status)} -%}
                {%- do policy_workflow._add_problem(problems, here, 'status', values) -%}
            {%- elif status in value[:loop.index0] -%}
                {%- do policy_workflow._add_problem(problems, here, 'status_twice', {'status': status}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- Adds what is wrong with the words by which an answer to the trigger confirms. -#}
{% macro _add_confirm_problems(problems, place, value) -%}
    {%- if value is not mapping -%}
        {%- do policy_workflow._add_problem(problems, place, 'confirm', {'got': policy_workflow._kind(value)}) -%}
    {%- else -%}
        {%- do policy_workflow._add_key_problems(problems, place, value, ['at', 'in'], ['at', 'in']) -%}
        {%- if value.get('at') is not none -%}
            {%- set spec = {'example': '/result/tripped'} -%}
            {%- do policy_workflow._add_pointer_problem(problems, place ~ '.at', value['at'], spec) -%}
        {%- endif -%}
        {%- set words = value.get('in') -%}
        {%- set is_list = words is sequence and words is not string and words is not mapping -%}
        {%- if words is not none and not (is_list and words) -%}
            {%- set values = {'got': policy_workflow._got(words)} -%}
            {%- do policy_workflow._add_problem(problems, place ~ '.in', 'confirm_in', values) -%}
        {%- endif -%}
        {%- for word in (words if is_list else []) -%}
            {%- if word is none or word is mapping or word is sequence and word is not string -%}
                {%- set values = {'got': policy_workflow._kind(word)} -%}
                {%- set here = place ~ '.in[' ~ loop.index0 ~ ']' -%}
                {%- do policy_workflow._add_problem(problems, here, 'confirm_value', values) -%}
            {%- elif word is string and modules.re.search('[{][A-Za-z_][A-Za-z0-9_.]*[}]', word) -%}
                {%- set here = place ~ '.in[' ~ loop.index0 ~ ']' -%}
                {%- do policy_workflow._add_problem(problems, here, 'confirm_placeholder') -%}
            {%- elif word is string and modules.re.fullmatch('[\\s_.!-]*', word) -%}
                {%- set here = place ~ '.in[' ~ loop.index0 ~ ']' -%}
                {%- do policy_workflow._add_problem(problems, here, 'confirm_no_word') -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
