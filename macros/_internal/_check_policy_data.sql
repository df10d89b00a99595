{#- Refuses what cannot be sent as a policy: not a JSON object, too large, too deep, no JSON. -#}
{% macro _check_policy_data(policy_data, where) -%}
    {%- if policy_data is not mapping or not policy_data -%}
        {{- policy_workflow._fail(where ~ "policy_data must be a JSON object such as {policy_name: ..., parameters: {...}}. Got: " ~ (policy_data | string)[:200]) -}}
    {%- endif -%}
    {%- set text = tojson(policy_data, '') -%}
    {%- if not text -%}
        {{- policy_workflow._fail(where ~ "policy_data holds a value that JSON cannot carry, such as an unquoted date; put it in quotes. Got: " ~ (policy_data | string)[:200]) -}}
    {%- endif -%}
    {%- set most = policy_workflow._setting('policy_max_policy_characters') -%}
    {%- if text | length > most -%}
        {{- policy_workflow._fail(where ~ "policy_data has " ~ text | length ~ " characters as JSON; the var policy_max_policy_characters allows " ~ most) -}}
    {%- endif -%}
    {%- set shape = namespace(text=modules.re.sub('"(\\\\.|[^"\\\\])*"', '""', text), deep=true) -%}
    {%- if modules.re.search('(?<![\\w"])(NaN|-?Infinity)(?![\\w"])', shape.text) -%}
        {{- policy_workflow._fail(where ~ "policy_data holds NaN or Infinity, which JSON does not know") -}}
    {%- endif -%}
    {#- Each pass takes the innermost objects and lists away. -#}
    {%- for level in range(50) if shape.deep -%}
        {%- set shape.text = modules.re.sub('[{\\[][^{}\\[\\]]*[}\\]]', '', shape.text) -%}
        {%- set shape.deep = '{' in shape.text -%}
    {%- endfor -%}
    {%- if shape.deep -%}
        {{- policy_workflow._fail(where ~ "policy_data is nested over 50 levels deep") -}}
    {%- endif -%}
{%- endmacro %}
