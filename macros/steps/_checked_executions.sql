{#- The executions that the arguments of run_policy_workflow ask for. Nothing has been sent when a macro
    here refuses an argument. -#}

{#- Returns the list of executions, each a mapping of execution_id and policy_data; refuses arguments that
    make no such list. -#}
{% macro _checked_executions(policy_data, execution_id, policies) -%}
    {%- if policies is not none and (policy_data is not none or execution_id is not none) -%}
        {{- policy_workflow._fail("give either policies, or policy_data and execution_id, not both") -}}
    {%- endif -%}
    {%- set is_list = policies is sequence and policies is not string and policies is not mapping -%}
    {%- if policies is not none and not (is_list and policies) -%}
        {{- policy_workflow._fail(
            "policies must be a list of {policy_data: {...}, execution_id: ...} with at least one item. Got: "
            ~ policy_workflow._kind(policies)
        ) -}}
    {%- endif -%}
    {%- if policies is none -%}
        {%- if policy_data is none -%}
            {%- set policy_data = policy_workflow._setting('policy_workflow_sample_policy') -%}
        {%- endif -%}
        {%- set policies = [{'policy_data': policy_data, 'execution_id': execution_id}] -%}
    {%- endif -%}
    {%- set most = policy_workflow._setting('policy_max_policy_characters') -%}
    {%- set executions = [] -%}
    {%- set seen = {} -%}
    {%- for policy in policies -%}
        {%- set execution = policy_workflow._checked_execution(policy, loop.index, most) -%}
        {%- set first = seen.get(execution.execution_id) -%}
        {%- if first -%}
            {{- policy_workflow._fail(
                "execution_id " ~ execution.execution_id ~ " stands twice in policies, as items " ~ first
                ~ " and " ~ loop.index
            ) -}}
        {%- endif -%}
        {%- do seen.update({execution.execution_id: loop.index}) -%}
        {%- do executions.append(execution) -%}
    {%- endfor -%}
    {{- return(executions) -}}
{%- endmacro %}

{#- Returns the execution of one item of policies; refuses an item that is none. An execution_id that is not
    given is made by generate_policy_execution_id, which an installing project may override. `most` is how
    many characters a policy may have. -#}
{% macro _checked_execution(policy, position, most) -%}
    {%- set where = "item " ~ position ~ " of policies: " -%}
    {%- set keys = ['policy_data', 'execution_id'] -%}
    {%- if policy is not mapping or 'policy_data' not in policy or policy.keys() | reject('in', keys) | list -%}
        {{- policy_workflow._fail(
            where ~ "must be {policy_data: {...}, execution_id: ...} with execution_id optional. Got: "
            ~ policy_workflow._kind(policy)
        ) -}}
    {%- endif -%}
    {%- do policy_workflow._check_policy_data(policy.policy_data, where, most) -%}
    {%- if policy.execution_id is defined and policy.execution_id is not none -%}
        {%- set execution_id = policy.execution_id -%}
    {%- else -%}
        {%- set generate = adapter.dispatch('generate_policy_execution_id', 'policy_workflow') -%}
        {%- set execution_id = generate(policy.policy_data, position) -%}
    {%- endif -%}
    {%- do policy_workflow._check_execution_id(execution_id, where) -%}
    {{- return({'execution_id': execution_id, 'policy_data': policy.policy_data}) -}}
{%- endmacro %}
