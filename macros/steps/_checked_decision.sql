{#- Returns what a person decided about an execution whose request may have taken effect, as a mapping for the
    request to create_policy: an empty one, or one of create, trigger and policy_id. Refuses what decides
    nothing, more than one thing, or something about more than one execution. -#}
{% macro _checked_decision(execution_id, create, trigger, policy_id) -%}
    {%- set decided = {} -%}
    {%- for name, value in [('create', create), ('trigger', trigger), ('policy_id', policy_id)] -%}
        {%- if value is not none -%}{%- do decided.update({name: value}) -%}{%- endif -%}
    {%- endfor -%}
    {%- set names = decided | list -%}
    {%- if names | length > 1 -%}
        {{- policy_workflow._fail("give one of " ~ names | join(' and ') ~ ", not more: each decides what is done") -}}
    {%- endif -%}
    {%- if names and execution_id is none -%}
        {{- policy_workflow._fail(
            names[0] ~ " decides about one execution. Give its execution_id, too: --args '{execution_id: ..., "
            ~ names[0] ~ ": ...}'"
        ) -}}
    {%- endif -%}
    {%- set again = 'again, which sends the request once more' -%}
    {%- set specs = {
        'create': {'legal': ['again'], 'says': again},
        'trigger': {
            'legal': ['again', 'confirmed'],
            'says': again ~ ', or confirmed, which says that the circuit breaker is triggered'
        }
    } -%}
    {%- for name in names if name != 'policy_id' -%}
        {%- do policy_workflow._check_argument(name, decided[name], specs[name]) -%}
    {%- endfor -%}
    {%- if policy_id is not none -%}
        {%- set printable = '[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\ud800-\\udfff]{1,1024}' -%}
        {%- set is_text = policy_id is string and policy_id | trim -%}
        {%- if not is_text or not modules.re.fullmatch(printable, policy_id) or policy_id in ('.', '..') -%}
            {{- policy_workflow._fail(
                "policy_id must be a text of 1 to 1024 printable characters, as the API has it; put a number in "
                ~ "quotes. Got: " ~ policy_workflow._got(policy_id)
            ) -}}
        {%- endif -%}
    {%- endif -%}
    {{- return(decided) -}}
{%- endmacro %}
