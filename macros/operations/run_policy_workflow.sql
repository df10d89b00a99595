{% macro run_policy_workflow(policy_data=none, execution_id=none, policies=none, policies_from=none, wait=true) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments('run_policy_workflow', ['policy_data', 'execution_id', 'policies', 'policies_from', 'wait'], {}, kwargs, varargs) -%}
        {%- if wait is not boolean -%}
            {{- policy_workflow._fail("wait must be true or false. Got: " ~ policy_workflow._got(wait)) -}}
        {%- endif -%}
        {%- if policies_from is not none and (policy_data, execution_id, policies) | reject('none') | list -%}
            {{- policy_workflow._fail("give policies_from alone; policies, policy_data and execution_id are what its rows hold") -}}
        {%- endif -%}
        {%- set relation = policy_workflow._policy_relation(policies_from) if policies_from is not none else none -%}
        {%- set executions = policy_workflow._checked_executions(policy_data, execution_id, policies) if relation is none else [] -%}
        {%- do policy_workflow._check_settings() -%}
        {%- if relation is not none -%}
            {%- do policy_workflow._log("policy_workflow: policies from " ~ relation) -%}
        {%- elif executions | length == 1 -%}
            {%- do policy_workflow._log("policy_workflow: execution " ~ executions[0].execution_id) -%}
        {%- else -%}
            {%- do policy_workflow._log("policy_workflow: " ~ executions | length ~ " executions") -%}
        {%- endif -%}
        {%- do policy_workflow._ensure_deployed(policy_workflow._procedures()[:3], reads=policy_workflow._tables()) -%}
        {%- set source = {'policies_from': relation, 'max_policy_characters': policy_workflow._setting('policy_max_policy_characters')} -%}
        {%- do policy_workflow._run_executions({'executions': executions} if relation is none else source, wait) -%}
    {%- endif -%}
{%- endmacro %}
