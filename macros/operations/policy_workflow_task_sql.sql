{% macro policy_workflow_task_sql(minutes=5, warehouse=none, limit=1000) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments(
            'policy_workflow_task_sql', ['minutes', 'warehouse', 'limit'], {}, kwargs, varargs
        ) -%}
        {%- do policy_workflow._check_argument('minutes', minutes, {'type': 'integer', 'min': 1, 'max': 1440}) -%}
        {%- do policy_workflow._check_argument('limit', limit, {'type': 'integer', 'min': 1, 'max': 10000}) -%}
        {%- set house = warehouse or target.warehouse -%}
        {%- if house is not string or not modules.re.fullmatch('[A-Za-z_][A-Za-z0-9_$]*', house) -%}
            {{- policy_workflow._fail(
                "warehouse must be an unquoted identifier; the profile names none. Got: " ~ policy_workflow._got(house)
            ) -}}
        {%- endif -%}
        {%- do policy_workflow._check_settings() -%}
        {%- set roles = [target.role] if target.role else [] -%}
        {%- do policy_workflow._check_names([policy_workflow._schema_name()] + roles) -%}
        {%- set task = policy_workflow._relation_name('policy_workflow_advance') -%}
        {%- set history = task.split('.')[0] ~ ".information_schema.task_history" -%}
        {%- set request = policy_workflow._sql_literal(tojson({
            'invocation_id': 'task-*',
            'poll_interval_seconds': policy_workflow._setting('policy_poll_interval_seconds'),
            'limit': limit
        })) -%}
        {%- set lines = [
            "-- Takes up, every " ~ minutes ~ " minute(s), what is not finished and whose lease no run holds.",
            "-- The role that runs it needs, from an account administrator:",
            "--   grant execute task on account to role " ~ (target.role or '...') ~ ";",
            "-- and create task on the schema. Overlapping runs are off by default.",
            "create or replace task " ~ task,
            "    warehouse = " ~ house,
            "    schedule = '" ~ minutes ~ " minute'",
            "    comment = 'policy_workflow: takes unfinished executions further'",
            "as",
            "call " ~ policy_workflow._relation_name('advance_policy_workflow') ~ "(" ~ request ~ ");",
            "",
            "-- A new task is suspended.",
            "alter task " ~ task ~ " resume;",
            "",
            "-- To look: select * from table(" ~ history ~ "(task_name => 'POLICY_WORKFLOW_ADVANCE'));",
            "-- To end it: drop task if exists " ~ task ~ ";"
        ] -%}
        {%- do print(lines | join("\n")) -%}
    {%- endif -%}
{%- endmacro %}
