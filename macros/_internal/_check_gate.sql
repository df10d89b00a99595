{#- Refuses arguments of the gate that mean nothing. -#}
{% macro _check_gate(policy_name, within_hours) -%}
    {%- if policy_name is not string or not (policy_name | trim) -%}
        {{- policy_workflow._fail("policy_name must be a text. Got: " ~ policy_workflow._got(policy_name)) -}}
    {%- endif -%}
    {%- if within_hours is not integer or within_hours is boolean or within_hours < 1 or within_hours > 876000 -%}
        {{- policy_workflow._fail("within_hours must be a whole number from 1 to 876000. Got: " ~ policy_workflow._got(within_hours)) -}}
    {%- endif -%}
{%- endmacro %}
