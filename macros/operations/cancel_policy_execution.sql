{% macro cancel_policy_execution(execution_id, reason) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments(
            'cancel_policy_execution', ['execution_id', 'reason'], {'execution_id': execution_id, 'reason': reason},
            kwargs, varargs
        ) -%}
        {%- do policy_workflow._check_execution_id(execution_id) -%}
        {%- if reason is not string or not (reason | trim) or reason | length > 1000 -%}
            {{- policy_workflow._fail(
                "reason must be a text of 1 to 1000 characters. Got: " ~ policy_workflow._got(reason)
            ) -}}
        {%- endif -%}
        {%- do policy_workflow._check_settings() -%}
        {%- do policy_workflow._ensure_deployed(['cancel_policy_execution']) -%}
        {%- set answer = policy_workflow._call_procedure('cancel_policy_execution', {
            'invocation_id': invocation_id,
            'execution_ids': [execution_id],
            'reason': reason
        }) -%}
        {%- set execution = "execution " ~ execution_id -%}
        {%- if answer.cancelled -%}
            {%- do policy_workflow._log(
                "✅ policy_workflow: " ~ execution
                ~ " is cancelled for good; a request that was under way is not taken back"
            ) -%}
        {%- elif answer.was_cancelled -%}
            {%- do policy_workflow._log(
                "✅ policy_workflow: " ~ execution ~ " was cancelled before; nothing was changed"
            ) -%}
        {%- elif answer.status -%}
            {{- policy_workflow._fail(
                execution ~ " is " ~ answer.status ~ " and cannot be cancelled; nothing was changed"
            ) -}}
        {%- else -%}
            {{- policy_workflow._fail(
                "there is no " ~ execution
                ~ " in the state table. Look: dbt run-operation get_policy_execution_state"
            ) -}}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
