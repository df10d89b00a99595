{#- The columns of policy_execution_state: the seed's sixteen, then our own, nullable and without
    default so that ALTER can add them to an older table (facts, 9.3). Ours are UTC, by SYSDATE(); the
    seed's start_time and last_poll_time are wall clocks of whoever wrote them. -#}
{% macro _state_table_columns() -%}
    {{- return([
        {'name': 'execution_id', 'type': 'varchar'},
        {'name': 'policy_id', 'type': 'varchar'},
        {'name': 'poll_count', 'type': 'number', 'default': "0"},
        {'name': 'status', 'type': 'varchar', 'default': "'pending'"},
        {'name': 'start_time', 'type': 'timestamp_ntz', 'default': "current_timestamp()"},
        {'name': 'last_poll_time', 'type': 'timestamp_ntz'},
        {'name': 'completed', 'type': 'boolean', 'default': "false"},
        {'name': 'requires_circuit_breaker', 'type': 'boolean', 'default': "false"},
        {'name': 'circuit_breaker_initiated', 'type': 'boolean', 'default': "false"},
        {'name': 'circuit_breaker_completed', 'type': 'boolean', 'default': "false"},
        {'name': 'error_message', 'type': 'varchar'},
        {'name': 'message', 'type': 'varchar'},
        {'name': 'api_response', 'type': 'variant'},
        {'name': 'policy_data', 'type': 'variant'},
        {'name': 'policy_status_response', 'type': 'variant'},
        {'name': 'circuit_breaker_response', 'type': 'variant'},
        {'name': 'invocation_id', 'type': 'varchar'},
        {'name': 'lease_expires_at', 'type': 'timestamp_ntz'},
        {'name': 'finished_at', 'type': 'timestamp_ntz'},
        {'name': 'cancelled_at', 'type': 'timestamp_ntz'},
        {'name': 'last_sequence', 'type': 'number'},
        {'name': 'polled_at', 'type': 'timestamp_ntz'},
        {'name': 'policy_text', 'type': 'varchar'}
    ]) -}}
{%- endmacro %}
