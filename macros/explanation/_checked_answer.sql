{#- Returns the answer that a person wants explained, for the request to explain_policy_api: a mapping with the
    key answer, or an empty one where none is given. The body may be a text, or YAML, which is what an
    unquoted JSON is in --args. Without a step the answer is read as the answer to each step. -#}
{% macro _checked_answer(step, answer, http_status, headers) -%}
    {%- set steps = {'legal': [none, 'find', 'create', 'poll', 'trigger'], 'says': 'find, create, poll or trigger'} -%}
    {%- do policy_workflow._check_argument('step', step, steps) -%}
    {%- do policy_workflow._check_argument('http_status', http_status, {'type': 'integer', 'min': 100, 'max': 599}) -%}
    {%- set kind = policy_workflow._kind(answer) -%}
    {%- set is_body = answer is none or answer is string or kind.startswith(('an object', 'a list', 'an empty')) -%}
    {%- if not is_body -%}
        {{- policy_workflow._fail("answer must be the body of an answer, as JSON or as a text. Got: " ~ kind) -}}
    {%- endif -%}
    {%- set texts = headers.values() | select('string') | list if headers is mapping else [] -%}
    {%- if headers is not none and not (headers is mapping and texts | length == headers | length) -%}
        {{- policy_workflow._fail(
            "headers must be a mapping of names to texts, such as {Location: /policies/42}. Got: "
            ~ policy_workflow._kind(headers)
        ) -}}
    {%- endif -%}
    {%- set is_given = answer is not none or headers is not none or http_status != 200 -%}
    {%- set body = answer if answer is string else '' if answer is none else tojson(answer) -%}
    {%- set given = {'step': step, 'body': body, 'http_status': http_status, 'headers': headers or {}} -%}
    {{- return({'answer': given} if is_given else {}) -}}
{%- endmacro %}

{#- Returns nothing; refuses a step that the description of the API does not have. -#}
{% macro _check_step_is_described(step) -%}
    {%- if step is not none and policy_workflow._policy_api()[step] is none -%}
        {{- policy_workflow._fail(
            "the var policy_api describes no " ~ step ~ ", so there is no answer to it to be read"
        ) -}}
    {%- endif -%}
{%- endmacro %}
