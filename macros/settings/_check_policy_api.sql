{#- Refuses a wrong description of the API, before anything is sent. The macros of problems decide what is
    wrong, each by adding to `problems` a mapping of place, text and values; _problem_texts has the words.
    No problem shows a header's value or a body: either may hold a secret that was typed in by mistake. -#}

{#- Returns nothing; ends the command where a description, the value of the var policy_api, is wrong. -#}
{% macro _check_policy_api(described, specs) -%}
    {%- set problems = [] -%}
    {%- if not policy_workflow._is_right_json(described) -%}
        {%- do policy_workflow._add_json_problems(problems, described) -%}
    {%- endif -%}
    {%- if not problems -%}
        {%- do policy_workflow._add_policy_api_problems(problems, described, specs) -%}
    {%- endif -%}
    {%- if problems -%}
        {%- do policy_workflow._fail_policy_api(problems) -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns nothing: adds what is wrong with a description that JSON can carry. What compares places comes last,
    and only where each place is right by itself. -#}
{% macro _add_policy_api_problems(problems, described, specs) -%}
    {%- set known = policy_workflow._policy_api_specs() -%}
    {%- do policy_workflow._add_key_problems(problems, 'policy_api', described, known.takes, []) -%}
    {%- set secrets = policy_workflow._add_secret_problems(problems, described, specs) -%}
    {%- set headers = described.get('headers') -%}
    {%- do policy_workflow._add_header_problems(problems, 'policy_api.headers', headers, secrets, known.right) -%}
    {%- set key = described.get('idempotency') -%}
    {%- set take = {'type': 'idempotency'} -%}
    {%- if key is not none and not policy_workflow._is_right(key, take, {}, known.right, secrets) -%}
        {%- do policy_workflow._add_idempotency_problems(problems, 'policy_api.idempotency', key) -%}
    {%- endif -%}
    {%- for step in known.endpoints if step in described -%}
        {%- do policy_workflow._add_endpoint_problems(problems, step, known, described[step], secrets, specs) -%}
    {%- endfor -%}
    {%- if not problems -%}
        {%- do policy_workflow._add_problems_together(problems, described, secrets, specs, known) -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns nothing: adds one problem, once. `text` names an entry of _problem_texts, `values` are what the
    placeholders of that entry stand for. -#}
{% macro _add_problem(problems, place, text, values={}) -%}
    {%- set problem = {'place': place, 'text': text, 'values': values} -%}
    {%- if problem not in problems -%}{%- do problems.append(problem) -%}{%- endif -%}
{%- endmacro %}

{#- Returns nothing: adds the keys of a mapping that do not exist, with the most similar one, and those that
    are missing. -#}
{% macro _add_key_problems(problems, place, given, known, required) -%}
    {%- for key in given if key not in known -%}
        {%- set near = policy_workflow._nearest(key, known, 0.4) -%}
        {%- do policy_workflow._add_problem(problems, policy_workflow._place_in(place, key), 'key_unknown', {
            'meant': 'Did you mean ' ~ near ~ '? ' if near else '', 'known': known | join(', ')
        }) -%}
    {%- endfor -%}
    {%- for key in required if given.get(key) is none -%}
        {%- do policy_workflow._add_problem(problems, place ~ '.' ~ key, 'key_missing_' ~ key) -%}
    {%- endfor -%}
{%- endmacro %}

{#- Returns the place of a key or of an item of a list, as people write it. -#}
{% macro _place_in(place, key) -%}
    {%- if key is not string -%}
        {%- set part = '[' ~ key ~ ']' -%}
    {%- elif modules.re.fullmatch('[A-Za-z0-9_-]{1,60}', key) -%}
        {%- set part = '.' ~ key -%}
    {%- else -%}
        {%- set part = '[' ~ tojson(key[:60]) ~ ']' -%}
    {%- endif -%}
    {{- return(place ~ part) -}}
{%- endmacro %}

{#- Returns nothing: ends the command with the first problems, each with its place and its words. -#}
{% macro _fail_policy_api(problems) -%}
    {%- set texts = policy_workflow._problem_texts() -%}
    {%- set lines = ['the var policy_api does not describe an API. Nothing was sent.'] -%}
    {%- for problem in problems[:10] -%}
        {%- set says = policy_workflow._filled(texts[problem.text] | join, problem['values']) -%}
        {%- do lines.append('  ' ~ problem.place[:400] ~ ': ' ~ says) -%}
    {%- endfor -%}
    {%- if problems | length > 10 -%}
        {%- do lines.append('  ... and ' ~ (problems | length - 10) ~ ' more') -%}
    {%- endif -%}
    {%- do lines.append('How an API is described: docs/your_api.md') -%}
    {{- policy_workflow._fail(lines) -}}
{%- endmacro %}
