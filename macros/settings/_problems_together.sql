{#- What is wrong with a description whose places are right by themselves. Each macro returns nothing, and adds
    problems. -#}

{#- Adds what is wrong between places: requests that tell no policies apart, secrets that nothing uses, a key
    whose place is taken, bodies that a method or a form does not carry, statuses that mean two things. -#}
{% macro _add_problems_together(problems, described, secrets, specs, known) -%}
    {%- set made = policy_workflow._policy_api(specs) -%}
    {%- set sent = [] -%}
    {%- for step in ['find', 'create', 'poll', 'trigger'] if made[step] is not none -%}
        {%- set place = 'policy_api.' ~ step -%}
        {%- set said = described.get(step) or {} -%}
        {%- set endpoint = made[step] -%}
        {%- set headers = endpoint.get('headers', made.headers) -%}
        {%- set request = tojson([endpoint.url, endpoint.body]) -%}
        {%- do sent.extend([request, tojson(headers)]) -%}
        {%- do policy_workflow._add_apart_problem(problems, place, request, known.endpoints[step].apart) -%}
        {%- if said.headers -%}
            {%- do policy_workflow._add_taken_out_problems(problems, place, said.headers, made.headers) -%}
        {%- endif -%}
        {%- if (endpoint.body is none) == (endpoint.method != 'GET') -%}
            {%- do policy_workflow._add_body_method_problem(problems, place, step, endpoint) -%}
        {%- endif -%}
        {%- set read = [endpoint.id, endpoint.get('status'), endpoint.get('confirm')] -%}
        {%- if modules.re.search('"/[0-9]', tojson(read)) -%}
            {%- do policy_workflow._add_beside_problems(problems, place, said) -%}
        {%- endif -%}
        {%- if endpoint.busy -%}
            {%- do policy_workflow._add_meaning_problems(problems, place, endpoint) -%}
        {%- endif -%}
        {%- set is_form = 'form-urlencoded' in tojson(headers) | lower and policy_workflow._is_form(headers) -%}
        {%- if is_form -%}{%- do policy_workflow._add_form_problems(problems, place, endpoint.body) -%}{%- endif -%}
        {%- set key = endpoint.key or {} -%}
        {%- if key.body or key.header and key.header | lower in headers | map('lower') -%}
            {%- set here = (place if said.idempotency else 'policy_api') ~ '.idempotency' -%}
            {%- do policy_workflow._add_key_place_problems(problems, here, step, endpoint, headers, is_form) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for alias in secrets if not modules.re.search('[{]secret[.]' ~ alias ~ '[.}]', sent | join) -%}
        {%- set said = described.get('secrets') -%}
        {%- set place = 'policy_api' ~ ('.secrets.' ~ alias if said else '') -%}
        {%- set words = 'secret_unused' if said else 'secret_of_var_unused' -%}
        {%- do policy_workflow._add_problem(problems, place, words, {'placeholder': '{secret.' ~ alias ~ '}'}) -%}
    {%- endfor -%}
{%- endmacro %}

{#- Adds a request that is the same for all policies. `request` is its address and its body, `apart` are the
    placeholders that tell policies apart; none where a request need not. -#}
{% macro _add_apart_problem(problems, place, request, apart) -%}
    {%- set names = (apart or []) | join('|') -%}
    {%- set pattern = '[{](' ~ names.replace('.NAME', '[.][A-Za-z0-9_.]+') ~ ')([.]number)?[}]' -%}
    {%- if apart and not modules.re.search(pattern, request) -%}
        {%- set known = '{' ~ apart[:-1] | join('}, {') ~ '} or {' ~ apart[-1] ~ '}' -%}
        {%- do policy_workflow._add_problem(problems, place, 'no_placeholder_apart', {'known': known}) -%}
    {%- endif -%}
{%- endmacro %}

{#- Adds a header that an endpoint takes out, and that is not there: a slip of the pen would send a secret. -#}
{% macro _add_taken_out_problems(problems, place, said, headers) -%}
    {%- for name, value in said.items() if value is none and name | lower not in headers | map('lower') -%}
        {%- set here = policy_workflow._place_in(place ~ '.headers', name) -%}
        {%- do policy_workflow._add_problem(problems, here, 'header_to_take_out') -%}
    {%- endfor -%}
{%- endmacro %}

{#- Returns whether a request with these headers is sent as a form. -#}
{% macro _is_form(headers) -%}
    {%- set types = [] -%}
    {%- for name, value in headers.items() if name | lower == 'content-type' -%}
        {%- do types.append(value.split(';')[0] | trim | lower) -%}
    {%- endfor -%}
    {{- return(types == ['application/x-www-form-urlencoded']) -}}
{%- endmacro %}

{#- Adds what a form cannot carry. What `{policy}` holds is not known yet. -#}
{% macro _add_form_problems(problems, place, body) -%}
    {%- if body is not mapping and body is not string and body is not none -%}
        {%- set values = {'got': policy_workflow._kind(body), 'whole': '{policy}'} -%}
        {%- do policy_workflow._add_problem(problems, place ~ '.body', 'form_no_mapping', values) -%}
    {%- endif -%}
    {%- for name, value in (body if body is mapping else {}).items() -%}
        {%- set here = policy_workflow._place_in(place ~ '.body', name) -%}
        {%- set is_list = value is sequence and value is not string and value is not mapping -%}
        {%- for item in (value if is_list else [value]) -%}
            {%- set whole = item == '{policy}' -%}
            {%- set is_nested = item is sequence and item is not string and item is not mapping -%}
            {%- if whole or item is none or item is mapping or is_nested -%}
                {%- set values = {
                    'what': 'null' if item is none else 'lists in lists' if is_nested else 'mappings',
                    'got': 'the whole policy' if whole else policy_workflow._kind(item)
                } -%}
                {%- set inner = policy_workflow._place_in(here, loop.index0) if is_list else here -%}
                {%- do policy_workflow._add_problem(problems, inner, 'form_nested', values) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{#- Adds a body that a method does not carry, and a method that asks by a body and has none. -#}
{% macro _add_body_method_problem(problems, place, step, endpoint) -%}
    {%- if endpoint.method == 'GET' and endpoint.body is not none -%}
        {%- do policy_workflow._add_problem(problems, place ~ '.body', 'body_with_get') -%}
    {%- elif step in ('find', 'poll') and endpoint.method == 'POST' and endpoint.body is none -%}
        {%- do policy_workflow._add_problem(problems, place ~ '.body', 'body_missing') -%}
    {%- endif -%}
{%- endmacro %}

{#- Adds a place in an answer that is a list beside a place in an answer that is an object. -#}
{% macro _add_beside_problems(problems, place, said) -%}
    {%- set places = [] -%}
    {%- if said.status is string -%}
        {%- do places.append((place ~ '.status', said.status)) -%}
    {%- endif -%}
    {%- for status in (said.status if said.status is not string else none) or [] -%}
        {%- do places.append((place ~ '.status[' ~ loop.index0 ~ ']', status)) -%}
    {%- endfor -%}
    {%- if said.confirm -%}{%- do places.append((place ~ '.confirm.at', said.confirm.at)) -%}{%- endif -%}
    {%- if said.id and said.id.startswith('/') -%}{%- do places.append((place ~ '.id', said.id)) -%}{%- endif -%}
    {%- set index = '/(0|[1-9][0-9]*)(/|$)' -%}
    {%- for here, pointer in places[1:] -%}
        {%- set of_first = modules.re.match(index, places[0][1]) is none -%}
        {%- if of_first != (modules.re.match(index, pointer) is none) -%}
            {%- do policy_workflow._add_problem(problems, here, 'pointer_beside', {'other': places[0][1][:200]}) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- Adds statuses that stand in two lists of one endpoint. -#}
{% macro _add_meaning_problems(problems, place, endpoint) -%}
    {%- for other in ['already', 'absent'] if other in endpoint -%}
        {%- for status in endpoint[other] if status in endpoint.busy -%}
            {%- set values = {'status': status, 'other': other} -%}
            {%- do policy_workflow._add_problem(problems, place ~ '.' ~ other, 'status_both', values) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{#- Adds a place of the idempotency key that something else takes, or that is not there. What a policy holds
    is not known yet. -#}
{% macro _add_key_place_problems(problems, place, step, endpoint, headers, is_form) -%}
    {%- set key = endpoint.key -%}
    {%- if key.header -%}
        {%- if key.header | lower in headers | map('lower') -%}
            {%- do policy_workflow._add_problem(problems, place ~ '.header', 'key_is_header', {'name': key.header}) -%}
        {%- endif -%}
    {%- elif endpoint.body is not mapping and endpoint.body != '{policy}' -%}
        {%- do policy_workflow._add_problem(problems, place ~ '.body', 'key_without_body', {
            'step': step, 'got': policy_workflow._kind(endpoint.body), 'whole': '{policy}'
        }) -%}
    {%- elif is_form and '/' in key.body[1:] -%}
        {%- set values = {'step': step, 'example': key.body.split('/')[-1]} -%}
        {%- do policy_workflow._add_problem(problems, place ~ '.body', 'form_key', values) -%}
    {%- elif endpoint.body is mapping -%}
        {%- set names = key.body[1:].split('/') -%}
        {%- set at = namespace(holder=endpoint.body, taken=false) -%}
        {%- for name in names -%}
            {%- if at.holder is not none and not at.taken -%}
                {%- set name = name.replace('~1', '/').replace('~0', '~') -%}
                {%- set found = at.holder.get(name) -%}
                {%- set at.taken = name in at.holder and (loop.last or found is not mapping) -%}
                {%- set at.holder = found if found is mapping else none -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if at.taken -%}
            {%- do policy_workflow._add_problem(problems, place ~ '.body', 'key_taken', {'step': step}) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
