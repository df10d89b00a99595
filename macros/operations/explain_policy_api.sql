{% macro explain_policy_api(
    policy_data=none, execution_id=none, policy_id=none, step=none, answer=none, http_status=200, headers=none
) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments(
            'explain_policy_api', [
                'policy_data', 'execution_id', 'policy_id', 'step', 'answer', 'http_status', 'headers'
            ], {}, kwargs, varargs
        ) -%}
        {%- do policy_workflow._check_policy_id(policy_id) -%}
        {%- set given = policy_workflow._checked_answer(step, answer, http_status, headers) -%}
        {%- set execution = policy_workflow._checked_executions(policy_data, execution_id, none)[0] -%}
        {%- do policy_workflow._check_settings() -%}
        {%- do policy_workflow._check_step_is_described(step) -%}
        {%- do policy_workflow._register_alone('explain_policy_api') -%}
        {%- set settings = policy_workflow._baked_settings() -%}
        {%- set request = dict(execution, invocation_id=invocation_id, settings=settings, **given) -%}
        {%- if policy_id is not none -%}{%- do request.update({'policy_id': policy_id}) -%}{%- endif -%}
        {%- set explained = policy_workflow._call_procedure('explain_policy_api', request) -%}
        {%- do policy_workflow._log(
            "policy_workflow: what is sent for execution " ~ execution.execution_id ~ "; values of secrets are masked"
        ) -%}
        {%- for sent in explained.requests if step in (none, sent.step) -%}
            {%- do policy_workflow._log(policy_workflow._request_lines(sent)) -%}
        {%- endfor -%}
        {%- for reading in explained.readings -%}
            {%- do policy_workflow._log(policy_workflow._reading_lines(reading)) -%}
        {%- endfor -%}
        {%- do policy_workflow._log("✅ policy_workflow: nothing was sent to the API") -%}
    {%- endif -%}
{%- endmacro %}
