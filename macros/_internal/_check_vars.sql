{#- Refuses vars that are meant for us and that there are none of, before anything is sent: whatever stands
    under policy_workflow in vars, and in this project every policy_...; elsewhere a policy_... that is
    much like one of ours, unless it also stands under the name of the project whose it is. `specs` are
    those of _setting_specs. What dbt_project.yml says stands in no documented place of dbt's Jinja: where
    it cannot be seen, the command line and what stands under policy_workflow are looked at. -#}
{% macro _check_vars(specs) -%}
    {%- set seen = adapter.config.vars.vars if adapter.config is defined and adapter.config.vars is defined else {} -%}
    {%- set given = dict(seen if seen is mapping else {}, **(invocation_args_dict.get('vars') or {})) -%}
    {%- set scope = var('policy_workflow', none) or {} -%}
    {%- for name in scope if name not in specs and scope is mapping -%}
        {%- do policy_workflow._fail_unknown_var(name, policy_workflow._nearest(name, specs, 0.4), "under policy_workflow in vars") -%}
    {%- endfor -%}
    {%- set own = given.get(project_name) -%}
    {%- for name in given if (name | string)[:7] | lower == 'policy_' and name not in specs and name != 'policy_workflow' -%}
        {%- set is_here = project_name == 'policy_workflow' -%}
        {%- set near = policy_workflow._nearest(name, specs, 0.4 if is_here else 0.7) -%}
        {%- if is_here or near and not (own is mapping and name in own) -%}
            {%- do policy_workflow._fail_unknown_var(name, near, "" if is_here else "where it counts for every project. If it is " ~ project_name ~ "'s own, let it stand under " ~ project_name ~ " in vars of dbt_project.yml") -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
