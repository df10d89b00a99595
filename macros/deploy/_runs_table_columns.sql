{#- The columns of policy_execution_runs: which executions each run is for. Rows are written once, before a
    run claims anything; `problem` says why a run does not drive one of them. -#}
{% macro _runs_table_columns() -%}
    {{- return([
        {'name': 'run_id', 'type': 'varchar'},
        {'name': 'execution_id', 'type': 'varchar'},
        {'name': 'position', 'type': 'number'},
        {'name': 'problem', 'type': 'varchar'},
        {'name': 'recorded_at', 'type': 'timestamp_ntz'}
    ]) -}}
{%- endmacro %}
