{#- Returns a new run's id: dbt's invocation_id and eight characters, because one invocation can run the
    workflow more than once. -#}
{% macro _run_id() -%}
    {{- return(invocation_id ~ '-' ~ local_md5(invocation_id ~ modules.datetime.datetime.now().isoformat())[:8]) -}}
{%- endmacro %}
