{#- The tables by name: their columns, and those without which a table of the name is not ours. -#}
{% macro _tables() -%}
    {{- return({
        'policy_execution_state': {'columns': policy_workflow._state_table_columns(), 'known_by': ['execution_id', 'policy_id', 'status']},
        'policy_execution_events': {'columns': policy_workflow._events_table_columns(), 'known_by': ['execution_id', 'sequence', 'event']},
        'policy_execution_runs': {'columns': policy_workflow._runs_table_columns(), 'known_by': ['run_id', 'execution_id', 'position']}
    }) -}}
{%- endmacro %}
