{#- Reads the vars. Every bad var is refused before anything is sent or written. -#}

{#- Returns the value of a var, or its default; refuses a bad value. The only macro that reads a var with
    `var`. `specs` are those of _setting_specs, where the caller has them. -#}
{% macro _setting(name, specs=none) -%}
    {%- set spec = (specs or policy_workflow._setting_specs())[name] -%}
    {#- In a hook or a macro of an installing project dbt reads that project's vars, and not those that the
        project keeps for this package, under our name. What stands on the command line comes first. -#}
    {%- set value = var(name, spec.default) -%}
    {%- set ours = var('policy_workflow', none) or {} -%}
    {%- if ours is mapping and name in ours and name not in (invocation_args_dict.get('vars') or {}) -%}
        {%- set value = ours[name] -%}
    {%- endif -%}
    {%- if spec.env and env_var(spec.env, '') -%}
        {%- set value = env_var(spec.env) -%}
    {%- endif -%}
    {%- if value is not none -%}
        {%- set problem = policy_workflow._value_problem(spec, value) -%}
    {%- else -%}
        {%- set problem = none if spec.optional else "must have a value" -%}
    {%- endif -%}
    {%- if problem -%}
        {%- set shown = policy_workflow._kind(value) if spec.type == 'mapping' else policy_workflow._got(value) -%}
        {{- policy_workflow._fail("the var " ~ name ~ " " ~ problem ~ ". Got: " ~ shown) -}}
    {%- endif -%}
    {{- return(value) -}}
{%- endmacro %}

{#- Returns nothing; refuses a var that is meant for this package and that the package does not have: any
    name under policy_workflow in vars, and in this project every policy_... Elsewhere it refuses a
    policy_... that is similar to a var of ours, unless the name also stands under the installing project's
    own name. dbt's documentation names no place where Jinja sees the vars of dbt_project.yml. Where they
    cannot be seen, the macro looks at the command line and at what stands under policy_workflow. -#}
{% macro _check_vars(specs) -%}
    {%- set seen = adapter.config.vars.vars if adapter.config is defined and adapter.config.vars is defined else {} -%}
    {%- set given = dict(seen if seen is mapping else {}, **(invocation_args_dict.get('vars') or {})) -%}
    {%- set scope = var('policy_workflow', none) or {} -%}
    {%- for name in scope if name not in specs and scope is mapping -%}
        {%- set near = policy_workflow._nearest(name, specs, 0.4) -%}
        {%- do policy_workflow._fail_unknown_var(name, near, "under policy_workflow in vars") -%}
    {%- endfor -%}
    {%- set own = given.get(project_name) -%}
    {%- set is_here = project_name == 'policy_workflow' -%}
    {%- set hint = "where it counts for every project. If it is " ~ project_name ~ "'s own, let it stand under "
        ~ project_name ~ " in vars of dbt_project.yml" -%}
    {%- for name in given if (name | string)[:7] | lower == 'policy_' and name not in specs -%}
        {%- set near = policy_workflow._nearest(name, specs, 0.4 if is_here else 0.7) -%}
        {%- set is_ours = is_here or near and not (own is mapping and name in own) -%}
        {%- if is_ours and name != 'policy_workflow' -%}
            {%- do policy_workflow._fail_unknown_var(name, near, "" if is_here else hint) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- Ends the command because of an unknown var. `near` is the most similar name, or none; `place` says where
    the var stands. -#}
{% macro _fail_unknown_var(name, near, place) -%}
    {%- set help = "Did you mean " ~ near ~ "?" if near else "docs/settings.md lists all of them." -%}
    {%- set which = (name | string)[:200] ~ (", which stands " ~ place if place else "") -%}
    {{- policy_workflow._fail("policy_workflow has no var " ~ which ~ ". " ~ help) -}}
{%- endmacro %}
