{% macro run_policy_workflow(policy_data=none, execution_id=none, policies=none, policies_from=none, wait=true) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments(
            'run_policy_workflow', ['policy_data', 'execution_id', 'policies', 'policies_from', 'wait'], {},
            kwargs, varargs
        ) -%}
        {%- do policy_workflow._check_argument('wait', wait, {'type': 'boolean'}) -%}
        {%- if policies_from is not none and (policy_data, execution_id, policies) | reject('none') | list -%}
            {{- policy_workflow._fail(
                "give policies_from alone; policies, policy_data and execution_id are what its rows hold"
            ) -}}
        {%- endif -%}
        {%- if policies_from is not none -%}
            {%- set relation = policy_workflow._policy_relation(policies_from) -%}
            {%- set subject = "policies from " ~ relation -%}
            {%- set request = {'policies_from': relation} -%}
        {%- else -%}
            {%- set executions = policy_workflow._checked_executions(policy_data, execution_id, policies) -%}
            {%- set subject = executions | length ~ " executions" -%}
            {%- if executions | length == 1 -%}
                {%- set one = executions[0] -%}
                {%- set name = (one.policy_data or {}).get('policy_name') -%}
                {%- set subject = "execution " ~ policy_workflow._named(name, one.execution_id) -%}
            {%- endif -%}
            {%- set request = {'executions': executions} -%}
        {%- endif -%}
        {%- do policy_workflow._check_settings() -%}
        {%- do policy_workflow._log("policy_workflow: " ~ subject) -%}
        {%- do policy_workflow._ensure_deployed(policy_workflow._procedures()[:3], reads=policy_workflow._tables()) -%}
        {%- if policies_from is not none -%}
            {%- set most = policy_workflow._setting('policy_max_policy_characters') -%}
            {%- do request.update({'max_policy_characters': most}) -%}
        {%- endif -%}
        {%- do policy_workflow._run_executions(request, wait) -%}
    {%- endif -%}
{%- endmacro %}
