{% macro require_policy_completed(policy_name, within_hours=24, severity='error') -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments(
            'require_policy_completed', ['policy_name', 'within_hours', 'severity'], {'policy_name': policy_name},
            kwargs, varargs
        ) -%}
        {%- do policy_workflow._check_vars(policy_workflow._setting_specs()) -%}
        {%- do policy_workflow._check_argument('policy_name', policy_name, {'type': 'text'}) -%}
        {%- set hours = {'type': 'integer', 'min': 1, 'max': 876000} -%}
        {%- do policy_workflow._check_argument('within_hours', within_hours, hours) -%}
        {%- set severities = {'legal': ['error', 'warn'], 'says': 'error or warn'} -%}
        {%- do policy_workflow._check_argument('severity', severity, severities) -%}
        {%- set problems = [] -%}
        {%- if not policy_workflow._setting('policy_workflow_enabled') -%}
            {%- do policy_workflow._log(
                "policy_workflow: switched off by the var policy_workflow_enabled; whether policy " ~ policy_name
                ~ " is in force was not asked"
            ) -%}
        {%- elif 'policy_execution_events' not in policy_workflow._found_tables() -%}
            {%- do problems.append(
                "policy " ~ policy_name ~ " is not in force: there is no "
                ~ policy_workflow._relation_name('policy_execution_events') ~ ", or role " ~ (target.role or '...')
                ~ " may not see it. To begin: dbt run-operation run_policy_workflow; to find out more: "
                ~ "dbt run-operation diagnose_policy_execution"
            ) -%}
        {%- else -%}
            {%- for row in run_query(policy_workflow._gate_sql(policy_name, within_hours)).rows -%}
                {%- do problems.append(row['PROBLEM']) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- if problems and severity == 'warn' -%}
            {%- do policy_workflow._warn(problems[0]) -%}
        {%- elif problems -%}
            {{- policy_workflow._fail(problems[0]) -}}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
