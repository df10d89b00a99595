{#- Returns nothing; refuses every bad var, every unknown var, a description of the API that is none, and
    every name in the profile that SQL takes in quotes only. -#}
{% macro _check_settings() -%}
    {%- set specs = policy_workflow._setting_specs() -%}
    {%- do policy_workflow._check_vars(specs) -%}
    {%- for name in specs -%}
        {%- do policy_workflow._setting(name, specs) -%}
    {%- endfor -%}
    {%- set described = policy_workflow._setting('policy_api', specs) -%}
    {%- if described is not none -%}{%- do policy_workflow._check_policy_api(described, specs) -%}{%- endif -%}
    {%- set pattern = '[A-Za-z_][A-Za-z0-9_$]*' -%}
    {%- for kind in ['database', 'schema', 'warehouse', 'role'] if target[kind] -%}
        {%- if not modules.re.fullmatch(pattern, target[kind] | string) -%}
            {{- policy_workflow._fail(
                "the profile names the " ~ kind ~ " " ~ policy_workflow._got(target[kind]) ~ ", which SQL takes in "
                ~ "quotes only. Nothing was sent. Give the profile a " ~ kind ~ " with a name of letters, digits, "
                ~ "_ and $"
            ) -}}
        {%- endif -%}
    {%- endfor -%}
    {%- set interval = policy_workflow._setting('policy_poll_interval_seconds', specs) -%}
    {%- if interval >= policy_workflow._setting('policy_lease_seconds', specs) -%}
        {{- policy_workflow._fail(
            "the var policy_lease_seconds must be greater than policy_poll_interval_seconds, or another run "
            ~ "takes an execution over while this one waits"
        ) -}}
    {%- endif -%}
{%- endmacro %}
