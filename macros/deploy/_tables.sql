{#- The tables by name: their columns, and the statements that make them. -#}
{% macro _tables() -%}
    {%- set state = policy_workflow._state_table_columns() -%}
    {%- set events = policy_workflow._events_table_columns() -%}
    {{- return({
        'policy_execution_state': {'columns': state, 'ddl': policy_workflow._table_ddl('policy_execution_state', state, 16)},
        'policy_execution_events': {'columns': events, 'ddl': policy_workflow._table_ddl('policy_execution_events', events, events | length)}
    }) -}}
{%- endmacro %}
