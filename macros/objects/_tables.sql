{#- The four tables of the workflow: what they are, and what this role sees of them. -#}

{#- Returns the tables by name: their columns, and the columns without which a table of that name is not the
    workflow's. -#}
{% macro _tables() -%}
    {{- return({
        'policy_execution_state': {
            'columns': policy_workflow._state_table_columns(),
            'known_by': ['execution_id', 'policy_id', 'status']
        },
        'policy_execution_events': {
            'columns': policy_workflow._events_table_columns(),
            'known_by': ['execution_id', 'sequence', 'event']
        },
        'policy_execution_runs': {
            'columns': policy_workflow._runs_table_columns(),
            'known_by': ['run_id', 'execution_id', 'position']
        },
        'policy_api_breakers': {
            'columns': policy_workflow._breakers_table_columns(),
            'known_by': ['endpoint', 'state', 'retry_at']
        }
    }) -}}
{%- endmacro %}

{#- Returns the columns of policy_execution_state: the seed's sixteen, then ours, which are nullable and
    without default, so that ALTER can add them to an older table (docs/snowflake_facts.md#time). Ours are
    UTC, by SYSDATE(); the seed's start_time and last_poll_time are wall clocks of the session that wrote
    them. -#}
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

{#- Returns the columns of policy_execution_events, the append-only audit trail. -#}
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

{#- Returns the columns of policy_execution_runs: which executions each run is for. Rows are written once,
    before a run claims anything; `problem` says why a run does not begin one of its executions. -#}
{% macro _runs_table_columns() -%}
    {{- return([
        {'name': 'run_id', 'type': 'varchar'},
        {'name': 'execution_id', 'type': 'varchar'},
        {'name': 'position', 'type': 'number'},
        {'name': 'problem', 'type': 'varchar'},
        {'name': 'recorded_at', 'type': 'timestamp_ntz'}
    ]) -}}
{%- endmacro %}

{#- Returns the columns of policy_api_breakers: the breaker towards each endpoint of the API. It has a row from
    the first time that the breaker opens. All times are UTC, by SYSDATE(). -#}
{% macro _breakers_table_columns() -%}
    {{- return([
        {'name': 'endpoint', 'type': 'varchar'},
        {'name': 'url', 'type': 'varchar'},
        {'name': 'state', 'type': 'varchar'},
        {'name': 'problem', 'type': 'varchar'},
        {'name': 'opened_at', 'type': 'timestamp_ntz'},
        {'name': 'open_seconds', 'type': 'number'},
        {'name': 'retry_at', 'type': 'timestamp_ntz'},
        {'name': 'probe_run', 'type': 'varchar'},
        {'name': 'probe_expires_at', 'type': 'timestamp_ntz'},
        {'name': 'changed_at', 'type': 'timestamp_ntz'}
    ]) -}}
{%- endmacro %}

{#- Returns the names of those of the tables that are there for this role. SHOW ... IN ACCOUNT fails for no
    role, whatever is missing. -#}
{% macro _found_tables() -%}
    {%- set found = [] -%}
    {%- set schema = policy_workflow._schema_name() | upper -%}
    {%- set names = policy_workflow._tables() | list -%}
    {%- for table in run_query("show tables like 'policy_%' in account").rows -%}
        {%- set place = table['database_name'] ~ '.' ~ table['schema_name'] -%}
        {%- if table['name'] | lower in names and place | upper == schema -%}
            {%- do found.append(table['name'] | lower) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{#- Returns the tables by name, each a mapping of its columns to their types, or none where the table is not
    there for this role. -#}
{% macro _found_columns() -%}
    {%- set found = {} -%}
    {%- set names = policy_workflow._found_tables() -%}
    {%- for name in policy_workflow._tables() -%}
        {%- set columns = {} -%}
        {%- if name in names -%}
            {%- for column in run_query("describe table " ~ policy_workflow._relation_name(name)).rows -%}
                {%- do columns.update({column['name']: column['type']}) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- do found.update({name: columns or none}) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}
