{% macro default__generate_policy_execution_id(policy_data, position) -%}
    {{- return(invocation_id ~ "-" ~ position) -}}
{%- endmacro %}
