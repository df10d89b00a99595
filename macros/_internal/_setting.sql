{#- The one place that reads a var: its default, its type, its bounds. Every bad value is refused
    before anything is sent or written. -#}
{% macro _setting(name) -%}
    {%- set spec = policy_workflow._setting_specs()[name] -%}
    {%- set value = var(name, spec.default) -%}
    {%- if spec.env and env_var(spec.env, '') -%}
        {%- set value = env_var(spec.env) -%}
    {%- endif -%}
    {%- set problem = policy_workflow._setting_problem(spec, value) -%}
    {%- if problem -%}
        {{- policy_workflow._fail("the var " ~ name ~ " " ~ problem ~ ". Got: " ~ (value | string)[:200]) -}}
    {%- endif -%}
    {{- return(value) -}}
{%- endmacro %}
