{#- Returns nothing; refuses a policy_id that is none; `none` is legal. -#}
{% macro _check_policy_id(policy_id) -%}
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
{%- endmacro %}
