{#- What is wrong with a description whose places are right by themselves. Each macro returns nothing, and adds
    problems. -#}

{#- Adds what is wrong between places: requests that tell no policies apart, secrets that nothing uses, a key
    whose place is taken, bodies that a method or a form does not carry, statuses that mean two things. -#}
{% macro _add_problems_together(problems, described, secrets, specs, known) -%}
    {%- set made = policy_workflow._policy_api(specs) -%}
    {%- set used = made.headers.values() | list -%}
    {%- for step in ['find', 'create', 'poll', 'trigger'] if made[step] is not none -%}
        {%- set place = 'policy_api.' ~ step -%}
        {%- set said = described.get(step) or {} -%}
        {%- set headers = made[step].get('headers', made.headers) -%}
        {%- do used.extend(headers.values()) -%}
        {%- set texts = [made[step].url] -%}
        {%- for here, text in policy_workflow._texts_in(made[step].body, step) -%}{%- do texts.append(text) -%}{%- endfor -%}
        {%- do used.extend(texts) -%}
        {%- do policy_workflow._add_apart_problem(problems, place, texts, known.endpoints[step].apart or []) -%}
        {%- do policy_workflow._add_taken_out_problems(problems, place, said.headers or {}, made.headers) -%}
        {%- do policy_workflow._add_body_method_problem(problems, place, step, made[step]) -%}
        {%- do policy_workflow._add_meaning_problems(problems, place, made[step]) -%}
        {%- set is_form = policy_workflow._is_form(headers) -%}
        {%- if is_form -%}{%- do policy_workflow._add_form_problems(problems, place, made[step].body) -%}{%- endif -%}
        {%- if made[step].key -%}
            {%- set here = ('policy_api' if not said.idempotency else place) ~ '.idempotency' -%}
            {%- do policy_workflow._add_key_place_problems(problems, here, step, made[step], headers, is_form) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for alias in secrets -%}
        {%- if not modules.re.search('[{]secret[.]' ~ alias ~ '[.}]', used | join('\n')) -%}
            {%- set words = 'secret_unused' if described.get('secrets') else 'secret_of_var_unused' -%}
            {%- set place = 'policy_api.secrets.' ~ alias if described.get('secrets') else 'policy_api' -%}
            {%- set values = {'placeholder': '{secret.' ~ alias ~ '}'} -%}
            {%- do policy_workflow._add_problem(problems, place, words, values) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- Adds a request that is the same for all policies. `apart` are the placeholders that tell policies apart. -#}
{% macro _add_apart_problem(problems, place, texts, apart) -%}
    {%- set pattern = '[{](' ~ apart | join('|') ~ ')[}]' -%}
    {%- set pattern = pattern.replace('.NAME', '[.][A-Za-z0-9_.]+') -%}
    {%- if apart and not modules.re.search(pattern, texts | join('\n')) -%}
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
            {%- if item is none or item is mapping or item is sequence and item is not string -%}
                {%- set values = {'got': policy_workflow._kind(item)} -%}
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
