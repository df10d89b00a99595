{#- Refuses what cannot be the id of a run. -#}
{% macro _check_run(run) -%}
    {%- if run is not string or not modules.re.fullmatch('[A-Za-z0-9_-]{1,64}', run) -%}
        {{- policy_workflow._fail("run must be a run's id, as the last lines of a run that failed name it. Got: " ~ policy_workflow._got(run)) -}}
    {%- endif -%}
{%- endmacro %}
