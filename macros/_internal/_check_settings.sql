{#- Reads every var once, so that a bad one, or one that there is none of, is refused before anything is
    sent. -#}
{% macro _check_settings() -%}
    {%- set specs = policy_workflow._setting_specs() -%}
    {%- do policy_workflow._check_vars(specs) -%}
    {%- for name in specs -%}
        {%- do policy_workflow._setting(name, specs) -%}
    {%- endfor -%}
    {%- if policy_workflow._setting('policy_poll_interval_seconds') >= policy_workflow._setting('policy_lease_seconds') -%}
        {{- policy_workflow._fail("the var policy_lease_seconds must be greater than policy_poll_interval_seconds, or another run takes an execution over while this one waits") -}}
    {%- endif -%}
{%- endmacro %}
