{#- The events of the last so many hours; see _events_sql. -#}
{% macro _recent_events_sql(hours) -%}
{{ policy_workflow._events_sql('e."event_time" >= dateadd(hour, -' ~ hours ~ ', current_timestamp())') }}
{%- endmacro %}
