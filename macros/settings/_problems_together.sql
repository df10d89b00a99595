{#- What is wrong with a description whose places are right by themselves. Each macro returns nothing, and adds
    problems. -#}

{#- Adds what is wrong between places: secrets that nothing uses, a key whose place is taken, bodies that a
    method does not carry, statuses that mean two things. -#}
{% macro _add_problems_together(problems, described, secrets, specs) -%}
    {%- set made = policy_workflow._policy_api(specs) -%}
    {%- set used = [] -%}
    {%- for text in made.headers.values() -%}{%- do used.append(text) -%}{%- endfor -%}
    {%- for step in ['find', 'create', 'poll', 'trigger'] if made[step] is not none -%}
        {%- for here, text in policy_workflow._texts_in(made[step].body, step) -%}
            {%- do used.append(text) -%}
        {%- endfor -%}
        {%- do policy_workflow._add_body_method_problem(problems, 'policy_api.' ~ step, step, made[step]) -%}
        {%- do policy_workflow._add_meaning_problems(problems, 'policy_api.' ~ step, made[step]) -%}
        {%- if made[step].key -%}
            {%- set own = 'idempotency' in described.get(step, {}) -%}
            {%- set place = 'policy_api' ~ ('.' ~ step if own else '') ~ '.idempotency' -%}
            {%- do policy_workflow._add_key_place_problems(problems, place, step, made[step], made.headers) -%}
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
{% macro _add_key_place_problems(problems, place, step, endpoint, headers) -%}
    {%- set key = endpoint.key -%}
    {%- if 'header' in key -%}
        {%- if key.header | lower in headers | map('lower') -%}
            {%- do policy_workflow._add_problem(problems, place ~ '.header', 'key_is_header', {'name': key.header}) -%}
        {%- endif -%}
    {%- elif endpoint.body is not mapping and endpoint.body != '{policy}' -%}
        {%- do policy_workflow._add_problem(problems, place ~ '.body', 'key_without_body', {
            'step': step, 'got': policy_workflow._kind(endpoint.body), 'whole': '{policy}'
        }) -%}
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
