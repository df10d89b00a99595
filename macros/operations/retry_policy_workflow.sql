{% macro retry_policy_workflow(execution_id=none, max_age_hours=24, limit=100, run=none) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments('retry_policy_workflow', ['execution_id', 'max_age_hours', 'limit', 'run'], {}, kwargs, varargs) -%}
        {%- if run is not none and execution_id is not none -%}
            {{- policy_workflow._fail("give either run or execution_id, not both") -}}
        {%- endif -%}
        {%- if run is not none -%}{%- do policy_workflow._check_run(run) -%}{%- endif -%}
        {%- for name, value, most in [('max_age_hours', max_age_hours, 8760), ('limit', limit, 10000)] -%}
            {%- if value is not integer or value is boolean or value < 1 or value > most -%}
                {{- policy_workflow._fail(name ~ " must be a whole number from 1 to " ~ most ~ ". Got: " ~ policy_workflow._got(value)) -}}
            {%- endif -%}
        {%- endfor -%}
        {%- if execution_id is not none -%}
            {%- do policy_workflow._check_execution_id(execution_id) -%}
        {%- endif -%}
        {%- do policy_workflow._check_settings() -%}
        {%- do policy_workflow._ensure_deployed(policy_workflow._procedures()[:3], reads=policy_workflow._tables()) -%}
        {%- if run is not none -%}
            {%- set request = {'of_run': run} -%}
        {%- else -%}
            {%- set ids = policy_workflow._unfinished_executions(max_age_hours, limit) if execution_id is none else [execution_id] -%}
            {%- set executions = [] -%}
            {%- for id in ids -%}
                {%- do executions.append({'execution_id': id}) -%}
            {%- endfor -%}
            {%- set request = {'executions': executions} -%}
        {%- endif -%}
        {%- if request.executions -%}
            {%- do policy_workflow._log("policy_workflow: taking up " ~ request.executions | length ~ " execution(s)") -%}
        {%- endif -%}
        {%- set answer = policy_workflow._run_executions(request) if request.of_run or request.executions else {} -%}
        {%- if not answer.total -%}
            {%- do policy_workflow._log("✅ policy_workflow: nothing to take up; " ~ ("all executions of run " ~ run ~ " are completed" if run is not none else "no execution of the last " ~ max_age_hours ~ " hours failed or was left behind")) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
