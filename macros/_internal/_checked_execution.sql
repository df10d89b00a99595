{#- Checks one item of policies; an execution_id that is not given is made by
    generate_policy_execution_id, which an installing project may override. `most` is how many characters
    a policy may have. -#}
{% macro _checked_execution(policy, position, most) -%}
    {%- set where = "item " ~ position ~ " of policies: " -%}
    {%- if policy is not mapping or 'policy_data' not in policy or (policy.keys() | reject('in', ['policy_data', 'execution_id']) | list) -%}
        {{- policy_workflow._fail(where ~ "must be {policy_data: {...}, execution_id: ...} with execution_id optional. Got: " ~ policy_workflow._kind(policy)) -}}
    {%- endif -%}
    {%- do policy_workflow._check_policy_data(policy.policy_data, where, most) -%}
    {%- set execution_id = policy.execution_id if policy.execution_id is defined and policy.execution_id is not none else adapter.dispatch('generate_policy_execution_id', 'policy_workflow')(policy.policy_data, position) -%}
    {%- do policy_workflow._check_execution_id(execution_id, where) -%}
    {{- return({'execution_id': execution_id, 'policy_data': policy.policy_data}) -}}
{%- endmacro %}
