{% macro get_policy_execution_state(execution_id=none, limit=10) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments(
            'get_policy_execution_state', ['execution_id', 'limit'], {}, kwargs, varargs
        ) -%}
        {%- do policy_workflow._check_settings() -%}
        {%- do policy_workflow._check_argument('limit', limit, {'type': 'integer', 'min': 1, 'max': 10000}) -%}
        {%- do policy_workflow._check_run_or_execution(none, execution_id) -%}
        {%- do policy_workflow._say_missing_usage() -%}
        {%- if 'policy_execution_state' not in policy_workflow._found_tables() -%}
            {%- do policy_workflow._fail_table_missing('policy_execution_state') -%}
        {%- endif -%}
        {%- set statement -%}
select
    {{ policy_workflow._policy_name_sql('"policy_data"') }} as "policy_name",
    "execution_id",
    "policy_id",
    "status",
    "poll_count",
    "circuit_breaker_completed",
    "start_time",
    coalesce("error_message", "message") as "message"
from {{ policy_workflow._relation_name('policy_execution_state') }}
{%- if execution_id is not none %}
where "execution_id" = {{ policy_workflow._sql_literal(execution_id) }}
{%- endif %}
order by "start_time" desc
limit {{ limit }}
        {%- endset -%}
        {%- set rows = run_query(statement).rows -%}
        {%- for row in rows -%}
            {%- set is_triggered = row['circuit_breaker_completed'] | string | upper -%}
            {%- set name = row['policy_name'] -%}
            {%- do policy_workflow._log([
                policy_workflow._short_name(name, 60) if name is string and name | trim else "-",
                row['execution_id'],
                row['status'],
                "policy_id=" ~ (row['policy_id'] or '-'),
                "poll_count=" ~ row['poll_count'],
                "circuit_breaker_completed=" ~ is_triggered,
                "start_time=" ~ row['start_time'],
                row['message'] or ''
            ] | join("  ")) -%}
        {%- endfor -%}
        {%- do policy_workflow._log("policy_workflow: " ~ rows | length ~ " execution(s) shown") -%}
    {%- endif -%}
{%- endmacro %}
