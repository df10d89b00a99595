{#- A generic test: fails while the policy is not in force, so that what is downstream is not built on
    data that it should rule. -#}
{% test require_policy_completed(model, policy_name, within_hours=24) -%}
    {{- config(enabled=policy_workflow._setting('policy_workflow_enabled')) -}}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments('require_policy_completed', ['policy_name', 'within_hours'], {'policy_name': policy_name}, kwargs, varargs) -%}
        {%- do policy_workflow._check_gate(policy_name, within_hours) -%}
        {%- if flags.WHICH in ('build', 'test') and 'policy_execution_events' not in policy_workflow._found_tables() -%}
            {%- do policy_workflow._fail_table_missing('policy_execution_events') -%}
        {%- endif -%}
    {%- endif -%}
{{ policy_workflow._gate_sql(policy_name, within_hours) }}
{%- endtest %}
