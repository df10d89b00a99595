{% macro retry_policy_workflow(
    execution_id=none, max_age_hours=24, limit=100, run=none, create=none, trigger=none, policy_id=none
) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments(
            'retry_policy_workflow', [
                'execution_id', 'max_age_hours', 'limit', 'run', 'create', 'trigger', 'policy_id'
            ], {}, kwargs, varargs
        ) -%}
        {%- do policy_workflow._check_run_or_execution(run, execution_id) -%}
        {%- set decided = policy_workflow._checked_decision(execution_id, create, trigger, policy_id) -%}
        {%- set hours = {'type': 'integer', 'min': 1, 'max': 8760} -%}
        {%- do policy_workflow._check_argument('max_age_hours', max_age_hours, hours) -%}
        {%- do policy_workflow._check_argument('limit', limit, {'type': 'integer', 'min': 1, 'max': 10000}) -%}
        {%- do policy_workflow._check_settings() -%}
        {%- do policy_workflow._ensure_deployed(policy_workflow._procedures()[:3], reads=policy_workflow._tables()) -%}
        {%- set executions = [] -%}
        {%- set request = {'executions': executions} -%}
        {%- set left = 0 -%}
        {%- if run is not none -%}
            {%- set request = {'of_run': run} -%}
        {%- elif execution_id is not none -%}
            {%- do executions.append({'execution_id': execution_id}) -%}
        {%- else -%}
            {%- set unfinished = policy_workflow._unfinished_executions(max_age_hours, limit) -%}
            {%- for id in unfinished.ids -%}
                {%- do executions.append({'execution_id': id}) -%}
            {%- endfor -%}
            {%- set left = unfinished.total - executions | length -%}
        {%- endif -%}
        {%- if executions -%}
            {%- do policy_workflow._log(
                "policy_workflow: taking up " ~ executions | length
                ~ (" of " ~ unfinished.total ~ " execution(s), the oldest: limit is " ~ limit if left else " execution(s)")
            ) -%}
        {%- endif -%}
        {%- if decided -%}
            {%- do decided.update({'role': run_query("select current_role() as role_name").rows[0]['ROLE_NAME']}) -%}
        {%- endif -%}
        {%- set answer = {} -%}
        {%- if run is not none or executions -%}
            {%- set answer = policy_workflow._run_executions(dict(request, **decided)) -%}
        {%- endif -%}
        {%- if not answer.total -%}
            {%- set why = "no execution of the last " ~ max_age_hours ~ " hours failed or was left behind" -%}
            {%- if run is not none -%}
                {%- set why = "all executions of run " ~ run ~ " are completed" -%}
            {%- endif -%}
            {%- do policy_workflow._log("✅ policy_workflow: nothing to take up; " ~ why) -%}
        {%- endif -%}
        {%- if left -%}
            {%- set arguments = "limit: " ~ limit if max_age_hours == 24 else
                "max_age_hours: " ~ max_age_hours ~ ", limit: " ~ limit -%}
            {%- do policy_workflow._log(
                "policy_workflow: " ~ left ~ " execution(s) are left, because limit is " ~ limit ~ ". To go on: dbt "
                ~ "run-operation retry_policy_workflow --args '{" ~ arguments ~ "}'"
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
