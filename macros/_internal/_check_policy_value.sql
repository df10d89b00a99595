{#- Refuses a value or a key of a policy that JSON cannot carry, other than an object or a list; `place`
    says where it stands. -#}
{% macro _check_policy_value(value, place, where) -%}
    {%- set kind = policy_workflow._kind(value) -%}
    {%- if kind not in ('nothing', 'a text', 'an empty text', 'a boolean', 'a number') -%}
        {{- policy_workflow._fail(where ~ "policy_data holds a value that JSON cannot carry, " ~ place ~ " (" ~ kind ~ ")" ~ ("; put it in quotes" if kind in ('a date', 'a time') else "")) -}}
    {%- endif -%}
{%- endmacro %}
