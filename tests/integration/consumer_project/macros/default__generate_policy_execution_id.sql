{#- Overrides the package's: one execution for each policy and batch, so that a repeated run resumes. -#}
{% macro default__generate_policy_execution_id(policy_data, position) -%}
    {{- return(policy_data.policy_name ~ '-' ~ var('batch', 'none')) -}}
{%- endmacro %}
