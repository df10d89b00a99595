{% macro run_policy_workflow(policy_data=none, execution_id=none, policies=none, wait=true) -%}
    {%- if execute -%}
        {%- if wait is not boolean -%}
            {{- policy_workflow._fail("wait must be true or false. Got: " ~ (wait | string)[:200]) -}}
        {%- endif -%}
        {%- set executions = policy_workflow._checked_executions(policy_data, execution_id, policies) -%}
        {%- do policy_workflow._check_settings() -%}
        {%- if executions | length == 1 -%}
            {%- do log("policy_workflow: execution " ~ executions[0].execution_id, info=true) -%}
        {%- else -%}
            {%- do log("policy_workflow: " ~ executions | length ~ " executions", info=true) -%}
        {%- endif -%}
        {%- do policy_workflow._ensure_deployed(policy_workflow._procedures()[:3], reads=['policy_execution_state']) -%}
        {%- do policy_workflow._run_executions(executions, wait) -%}
    {%- endif -%}
{%- endmacro %}
