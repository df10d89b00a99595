{% macro get_policy_execution_state(execution_id=none, limit=10) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments('get_policy_execution_state', ['execution_id', 'limit'], {}, kwargs, varargs) -%}
        {%- do policy_workflow._check_settings() -%}
        {%- if limit is not integer or limit is boolean or limit < 1 or limit > 10000 -%}
            {{- policy_workflow._fail("limit must be a whole number from 1 to 10000. Got: " ~ policy_workflow._got(limit)) -}}
        {%- endif -%}
        {%- if execution_id is not none -%}{%- do policy_workflow._check_execution_id(execution_id) -%}{%- endif -%}
        {%- do policy_workflow._check_settings() -%}
        {%- set table = policy_workflow._relation_name('policy_execution_state') -%}
        {%- do policy_workflow._say_needed_grants(['select on table policy_execution_state']) -%}
        {%- if policy_workflow._found_columns()['policy_execution_state'] is none -%}
            {{- policy_workflow._fail(table ~ " does not exist, or role " ~ target.role ~ " may not see it. To create it: dbt run-operation deploy_policy_workflow; or: grant select on table " ~ table ~ " to role " ~ target.role) -}}
        {%- endif -%}
        {%- set statement -%}
select
    "execution_id",
    "policy_id",
    "status",
    "poll_count",
    "circuit_breaker_completed",
    "start_time",
    coalesce("error_message", "message") as "message"
from {{ table }}
{%- if execution_id is not none %}
where "execution_id" = {{ policy_workflow._sql_literal(execution_id) }}
{%- endif %}
order by "start_time" desc
limit {{ limit }}
        {%- endset -%}
        {%- set rows = run_query(statement).rows -%}
        {%- for row in rows -%}
            {%- do policy_workflow._log(row['execution_id'] ~ "  " ~ row['status'] ~ "  policy_id=" ~ (row['policy_id'] or '-') ~ "  poll_count=" ~ row['poll_count'] ~ "  circuit_breaker_completed=" ~ (row['circuit_breaker_completed'] | string | upper) ~ "  start_time=" ~ row['start_time'] ~ "  " ~ (row['message'] or '')) -%}
        {%- endfor -%}
        {%- do policy_workflow._log("policy_workflow: " ~ rows | length ~ " execution(s) shown") -%}
    {%- endif -%}
{%- endmacro %}
