{#- Refuses an object of a policy with a key that JSON cannot have, or with two that are one in JSON. -#}
{% macro _check_policy_keys(holder, path, where) -%}
    {%- set place = (path or '.policy_data')[1:201] -%}
    {%- set seen = {} -%}
    {%- for key in holder -%}
        {%- do policy_workflow._check_policy_value(key, 'as a key of ' ~ place, where) -%}
        {%- set text = key if key is string else tojson(key) -%}
        {%- if text in seen -%}
            {{- policy_workflow._fail(where ~ "policy_data holds the key " ~ tojson(text)[:200] ~ " twice in " ~ place ~ ": with and without quotes it is the same to JSON, whose keys are texts") -}}
        {%- endif -%}
        {%- do seen.update({text: true}) -%}
    {%- endfor -%}
{%- endmacro %}
