{#- Checks the arguments of run_policy_workflow and makes the list of executions of them:
    each a mapping of execution_id and policy_data. Nothing has been sent when it refuses. -#}
{% macro _checked_executions(policy_data, execution_id, policies) -%}
    {%- if policies is not none and (policy_data is not none or execution_id is not none) -%}
        {{- policy_workflow._fail("give either policies, or policy_data and execution_id, not both") -}}
    {%- endif -%}
    {%- if policies is not none and (policies is string or policies is mapping or policies is not sequence or not policies) -%}
        {{- policy_workflow._fail("policies must be a list of {policy_data: {...}, execution_id: ...} with at least one item. Got: " ~ policy_workflow._kind(policies)) -}}
    {%- endif -%}
    {%- if policies is none -%}
        {%- set sample = policy_workflow._setting('policy_workflow_sample_policy') if policy_data is none else policy_data -%}
        {%- set policies = [{'policy_data': sample, 'execution_id': execution_id}] -%}
    {%- endif -%}
    {%- set most = policy_workflow._setting('policy_max_policy_characters') -%}
    {%- set executions = [] -%}
    {%- set seen = {} -%}
    {%- for policy in policies -%}
        {%- set execution = policy_workflow._checked_execution(policy, loop.index, most) -%}
        {%- if execution.execution_id in seen -%}
            {{- policy_workflow._fail("execution_id " ~ execution.execution_id ~ " stands twice in policies, as items " ~ seen[execution.execution_id] ~ " and " ~ loop.index) -}}
        {%- endif -%}
        {%- do seen.update({execution.execution_id: loop.index}) -%}
        {%- do executions.append(execution) -%}
    {%- endfor -%}
    {{- return(executions) -}}
{%- endmacro %}
