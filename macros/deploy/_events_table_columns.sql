{#- The columns of policy_execution_events, the append-only audit trail. -#}
{% macro _events_table_columns() -%}
    {{- return([
        {'name': 'event_id', 'type': 'varchar'},
        {'name': 'execution_id', 'type': 'varchar'},
        {'name': 'invocation_id', 'type': 'varchar'},
        {'name': 'sequence', 'type': 'number'},
        {'name': 'step', 'type': 'number'},
        {'name': 'attempt', 'type': 'number'},
        {'name': 'event', 'type': 'varchar'},
        {'name': 'status_before', 'type': 'varchar'},
        {'name': 'status_after', 'type': 'varchar'},
        {'name': 'policy_id', 'type': 'varchar'},
        {'name': 'policy_data', 'type': 'variant'},
        {'name': 'http_method', 'type': 'varchar'},
        {'name': 'url', 'type': 'varchar'},
        {'name': 'http_status', 'type': 'number'},
        {'name': 'requests_sent', 'type': 'number'},
        {'name': 'duration_ms', 'type': 'number'},
        {'name': 'outcome', 'type': 'varchar'},
        {'name': 'error_class', 'type': 'varchar'},
        {'name': 'message', 'type': 'varchar'},
        {'name': 'response', 'type': 'variant'},
        {'name': 'event_time', 'type': 'timestamp_ltz'}
    ]) -}}
{%- endmacro %}
