{#- Checks one item of policies; an execution_id that is not given is made from the invocation. -#}
{% macro _checked_execution(policy, position, invocation) -%}
    {%- set where = "item " ~ position ~ " of policies: " -%}
    {%- if policy is not mapping or 'policy_data' not in policy or (policy.keys() | reject('in', ['policy_data', 'execution_id']) | list) -%}
        {{- policy_workflow._fail(where ~ "must be {policy_data: {...}, execution_id: ...} with execution_id optional. Got: " ~ (policy | string)[:200]) -}}
    {%- endif -%}
    {%- if policy.policy_data is not mapping or not policy.policy_data -%}
        {{- policy_workflow._fail(where ~ "policy_data must be a JSON object such as {policy_name: ..., parameters: {...}}. Got: " ~ (policy.policy_data | string)[:200]) -}}
    {%- endif -%}
    {%- set text = tojson(policy.policy_data, '') -%}
    {%- if not text -%}
        {{- policy_workflow._fail(where ~ "policy_data holds a value that JSON cannot carry, such as an unquoted date; put it in quotes. Got: " ~ (policy.policy_data | string)[:200]) -}}
    {%- endif -%}
    {%- if modules.re.search('(?<![\\w"])(NaN|-?Infinity)(?![\\w"])', modules.re.sub('"(\\\\.|[^"\\\\])*"', '""', text)) -%}
        {{- policy_workflow._fail(where ~ "policy_data holds NaN or Infinity, which JSON does not know") -}}
    {%- endif -%}
    {%- set execution_id = policy.execution_id if policy.execution_id is defined and policy.execution_id is not none else invocation ~ "-" ~ position -%}
    {%- if execution_id is not string or not modules.re.fullmatch('[A-Za-z0-9][A-Za-z0-9._:@+-]{0,127}', execution_id) -%}
        {{- policy_workflow._fail(where ~ "execution_id must be a text of 1 to 128 letters, digits, . _ : @ + or -, beginning with a letter or digit. Got: " ~ (execution_id | string)[:200]) -}}
    {%- endif -%}
    {{- return({'execution_id': execution_id, 'policy_data': policy.policy_data}) -}}
{%- endmacro %}
