{#- The last line: what the run came to. Anything but completed fails the command (exit code 1). -#}
{% macro _verdict(execution_ids, rows) -%}
    {%- set failures = [] -%}
    {%- for id in execution_ids -%}
        {%- set row = rows.get(id) -%}
        {%- if not row -%}
            {%- do failures.append(id ~ ": its row is missing from policy_execution_state") -%}
        {%- elif row['status'] != 'completed' or not row['circuit_breaker_completed'] -%}
            {%- if not row['completed'] and row['invocation_id'] != invocation_id -%}
                {%- do failures.append(id ~ ": still driven by run " ~ row['invocation_id'] ~ " after waiting " ~ policy_workflow._setting('policy_wait_seconds') ~ " seconds; its lease ends at " ~ row['lease_expires_at']) -%}
            {%- else -%}
                {%- do failures.append(id ~ ": " ~ row['status'] ~ ": " ~ (row['error_message'] or row['message'])) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if failures -%}
        {{- policy_workflow._fail_incomplete(failures | length, execution_ids | length, failures, "To go on where it stopped, run the same command with the same policy_data and execution_id") -}}
    {%- endif -%}
    {%- do log("✅ policy_workflow: " ~ execution_ids | length ~ " of " ~ execution_ids | length ~ " execution(s) completed", info=true) -%}
{%- endmacro %}
