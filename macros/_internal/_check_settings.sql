{#- Reads every var once, and the names in the profile, so that a bad one, or a var that there is none of, is
    refused before anything is sent. -#}
{% macro _check_settings() -%}
    {%- set specs = policy_workflow._setting_specs() -%}
    {%- do policy_workflow._check_vars(specs) -%}
    {%- for name in specs -%}
        {%- do policy_workflow._setting(name, specs) -%}
    {%- endfor -%}
    {%- for kind in ['database', 'schema', 'warehouse', 'role'] if target[kind] and not modules.re.fullmatch('[A-Za-z_][A-Za-z0-9_$]*', target[kind] | string) -%}
        {{- policy_workflow._fail("the profile names the " ~ kind ~ " " ~ policy_workflow._got(target[kind]) ~ ", which SQL takes in quotes only. Nothing was sent. Give the profile a " ~ kind ~ " with a name of letters, digits, _ and $") -}}
    {%- endfor -%}
    {%- if policy_workflow._setting('policy_poll_interval_seconds') >= policy_workflow._setting('policy_lease_seconds') -%}
        {{- policy_workflow._fail("the var policy_lease_seconds must be greater than policy_poll_interval_seconds, or another run takes an execution over while this one waits") -}}
    {%- endif -%}
{%- endmacro %}
