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
    {%- do policy_workflow._check_policy_id(policy_id) -%}
    {{- return(decided) -}}
{%- endmacro %}
