{#- Refuses a policy that is too long, `size` characters or more; or, when that is 0, too deep, with what
    is left `below`, or not to be written as JSON. -#}
{% macro _fail_policy_size(where, size, most, below) -%}
    {%- if size -%}
        {{- policy_workflow._fail(where ~ "policy_data has at least " ~ size ~ " characters as JSON; the var policy_max_policy_characters allows " ~ most) -}}
    {%- elif below -%}
        {{- policy_workflow._fail(where ~ "policy_data is nested over 50 levels deep") -}}
    {%- else -%}
        {{- policy_workflow._fail(where ~ "policy_data holds a value that JSON cannot carry, such as a number of thousands of digits") -}}
    {%- endif -%}
{%- endmacro %}
