{#- Ends a command of `total` executions of which these did not complete: says how each stands. -#}
{% macro _fail_not_completed(execution_ids, rows, total) -%}
    {%- set failures = [] -%}
    {%- for id in execution_ids -%}
        {%- set row = rows.get(id) -%}
        {%- if not row -%}
            {%- do failures.append(id ~ ": its row is missing from policy_execution_state") -%}
        {%- elif not row['completed'] and row['invocation_id'] != invocation_id -%}
            {%- do failures.append(id ~ ": still driven by run " ~ row['invocation_id'] ~ " after waiting " ~ policy_workflow._setting('policy_wait_seconds') ~ " seconds; its lease ends at " ~ row['lease_expires_at']) -%}
        {%- else -%}
            {%- do failures.append(id ~ ": " ~ row['status'] ~ ": " ~ (row['error_message'] or row['message'])) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- policy_workflow._fail_incomplete(failures | length, total, failures, "To go on where it stopped, run the same command with the same policy_data and execution_id") -}}
{%- endmacro %}
