{% macro policy_workflow_task_sql(minutes=5, warehouse=none, limit=1000) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments('policy_workflow_task_sql', ['minutes', 'warehouse', 'limit'], {}, kwargs, varargs) -%}
        {%- for name, value, most in [('minutes', minutes, 1440), ('limit', limit, 10000)] -%}
            {%- if value is not integer or value is boolean or value < 1 or value > most -%}
                {{- policy_workflow._fail(name ~ " must be a whole number from 1 to " ~ most ~ ". Got: " ~ policy_workflow._got(value)) -}}
            {%- endif -%}
        {%- endfor -%}
        {%- set house = warehouse or target.warehouse -%}
        {%- if house is not string or not modules.re.fullmatch('[A-Za-z_][A-Za-z0-9_$]*', house) -%}
            {{- policy_workflow._fail("warehouse must be an unquoted identifier; the profile names none. Got: " ~ policy_workflow._got(house)) -}}
        {%- endif -%}
        {%- do policy_workflow._check_settings() -%}
        {%- do policy_workflow._check_names([policy_workflow._schema_name()] + ([target.role] if target.role else [])) -%}
        {%- set task = policy_workflow._relation_name('policy_workflow_advance') -%}
        {%- set request = tojson({'invocation_id': 'task-*', 'poll_interval_seconds': policy_workflow._setting('policy_poll_interval_seconds'), 'limit': limit}) -%}
        {%- set lines = [
            "-- Takes up every " ~ minutes ~ " minute(s) what is not finished and nobody drives.",
            "-- The role that runs it needs, from an account administrator:",
            "--   grant execute task on account to role " ~ (target.role or '...') ~ ";",
            "-- and create task on the schema. Overlapping runs are off by default.",
            "create or replace task " ~ task,
            "    warehouse = " ~ house,
            "    schedule = '" ~ minutes ~ " minute'",
            "    comment = 'policy_workflow: takes unfinished executions further'",
            "as",
            "call " ~ policy_workflow._relation_name('advance_policy_workflow') ~ "(" ~ policy_workflow._sql_literal(request) ~ ");",
            "",
            "-- A new task is suspended.",
            "alter task " ~ task ~ " resume;",
            "",
            "-- To look: select * from table(" ~ task.split('.')[0] ~ ".information_schema.task_history(task_name => 'POLICY_WORKFLOW_ADVANCE'));",
            "-- To end it: drop task if exists " ~ task ~ ";"
        ] -%}
        {%- do print(lines | join("\n")) -%}
    {%- endif -%}
{%- endmacro %}
