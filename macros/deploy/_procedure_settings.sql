{#- The settings baked into the body, as JSON: a caller cannot change them. -#}
{% macro _procedure_settings() -%}
    {%- set specs = policy_workflow._setting_specs() -%}
    {%- set settings = {
        'state_table': policy_workflow._relation_name('policy_execution_state'),
        'events_table': policy_workflow._relation_name('policy_execution_events'),
        'runs_table': policy_workflow._relation_name('policy_execution_runs')
    } -%}
    {%- for name, spec in specs.items() if spec.baked -%}
        {%- do settings.update({spec.baked: policy_workflow._setting(name, specs)}) -%}
    {%- endfor -%}
    {%- if not policy_workflow._setting('policy_api_secret', specs) -%}
        {%- do settings.update({'secret_type': none}) -%}
    {%- endif -%}
    {{- return(tojson(settings, sort_keys=true)) -}}
{%- endmacro %}
