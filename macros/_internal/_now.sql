{#- The clock of the machine that runs dbt; only differences of it are used. -#}

{#- Returns the time now. -#}
{% macro _now() -%}
    {{- return(modules.datetime.datetime.now(modules.pytz.utc)) -}}
{%- endmacro %}

{#- Returns how many seconds have passed since a time that _now returned. -#}
{% macro _seconds_since(moment) -%}
    {{- return((policy_workflow._now() - moment).total_seconds()) -}}
{%- endmacro %}
