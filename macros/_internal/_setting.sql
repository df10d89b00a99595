{#- The one place that reads a var: its default, its type, its bounds. Every bad value is refused
    before anything is sent or written. `specs` are those of _setting_specs, where they are at hand. -#}
{% macro _setting(name, specs=none) -%}
    {%- set spec = (specs or policy_workflow._setting_specs())[name] -%}
    {#- In a hook or a macro of an installing project dbt reads that project's vars, and not those that it
        keeps for this package, under our name; what stands on the command line comes first. -#}
    {%- set value = var(name, spec.default) -%}
    {%- set ours = var('policy_workflow', none) or {} -%}
    {%- if ours is mapping and name in ours and name not in (invocation_args_dict.get('vars') or {}) -%}
        {%- set value = ours[name] -%}
    {%- endif -%}
    {%- if spec.env and env_var(spec.env, '') -%}
        {%- set value = env_var(spec.env) -%}
    {%- endif -%}
    {%- set problem = policy_workflow._setting_problem(spec, value) -%}
    {%- if problem -%}
        {{- policy_workflow._fail("the var " ~ name ~ " " ~ problem ~ ". Got: " ~ (policy_workflow._kind(value) if spec.type == 'mapping' else policy_workflow._got(value))) -}}
    {%- endif -%}
    {{- return(value) -}}
{%- endmacro %}
