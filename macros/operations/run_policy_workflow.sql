{% macro run_policy_workflow(policy_data=none, execution_id=none, policies=none) -%}
    {%- if execute -%}
        {%- set executions = policy_workflow._checked_executions(policy_data, execution_id, policies) -%}
        {%- do policy_workflow._check_settings() -%}
        {%- set ids = executions | map(attribute='execution_id') | list -%}
        {%- if ids | length == 1 -%}
            {%- do log("policy_workflow: execution " ~ ids[0], info=true) -%}
        {%- else -%}
            {%- do log("policy_workflow: " ~ ids | length ~ " executions", info=true) -%}
        {%- endif -%}
        {%- do policy_workflow._ensure_deployed() -%}
        {%- set rows = policy_workflow._drive_executions(executions) -%}
        {%- do policy_workflow._report_executions(ids, rows) -%}
        {%- do policy_workflow._verdict(ids, rows) -%}
    {%- endif -%}
{%- endmacro %}
