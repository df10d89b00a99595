{% macro retry_policy_workflow(execution_id=none, max_age_hours=24, limit=100) -%}
    {%- if execute -%}
        {%- for name, value, most in [('max_age_hours', max_age_hours, 8760), ('limit', limit, 10000)] -%}
            {%- if value is not integer or value is boolean or value < 1 or value > most -%}
                {{- policy_workflow._fail(name ~ " must be a whole number from 1 to " ~ most ~ ". Got: " ~ policy_workflow._got(value)) -}}
            {%- endif -%}
        {%- endfor -%}
        {%- if execution_id is not none -%}
            {%- do policy_workflow._check_execution_id(execution_id) -%}
        {%- endif -%}
        {%- do policy_workflow._check_settings() -%}
        {%- do policy_workflow._ensure_deployed(policy_workflow._procedures()[:3], reads=['policy_execution_state', 'policy_execution_events']) -%}
        {%- set ids = policy_workflow._unfinished_executions(max_age_hours, limit) if execution_id is none else [execution_id] -%}
        {%- if not ids -%}
            {%- do policy_workflow._log("✅ policy_workflow: nothing to take up; no execution of the last " ~ max_age_hours ~ " hours failed or was left behind") -%}
        {%- else -%}
            {%- do policy_workflow._log("policy_workflow: taking up " ~ ids | length ~ " execution(s)") -%}
            {%- set executions = [] -%}
            {%- for id in ids -%}{%- do executions.append({'execution_id': id}) -%}{%- endfor -%}
            {%- do policy_workflow._run_executions(executions, true) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
