{#- A generic test: fails while the policy is not in force, so that nothing downstream is built on data that
    the policy should rule. -#}
{% test require_policy_completed(model, policy_name, within_hours=24) -%}
    {{- config(enabled=policy_workflow._setting('policy_workflow_enabled')) -}}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments(
            'require_policy_completed', ['policy_name', 'within_hours'], {'policy_name': policy_name}, kwargs, varargs
        ) -%}
        {%- do policy_workflow._check_argument('policy_name', policy_name, {'type': 'text'}) -%}
        {%- set hours = {'type': 'integer', 'min': 1, 'max': 876000} -%}
        {%- do policy_workflow._check_argument('within_hours', within_hours, hours) -%}
        {%- set is_run = flags.WHICH in ('build', 'test') -%}
        {%- if is_run and 'policy_execution_events' not in policy_workflow._found_tables() -%}
            {%- do policy_workflow._fail_table_missing('policy_execution_events') -%}
        {%- endif -%}
    {%- endif -%}
{{ policy_workflow._gate_sql(policy_name, within_hours) }}
{%- endtest %}
