{% macro diagnose_policy_execution(execution_id=none, check_api=false, fail_on=none, output='text', run=none) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments('diagnose_policy_execution', ['execution_id', 'check_api', 'fail_on', 'output', 'run'], {}, kwargs, varargs) -%}
        {%- if execution_id is not none -%}{%- do policy_workflow._check_execution_id(execution_id) -%}{%- endif -%}
        {%- if run is not none -%}{%- do policy_workflow._check_run(run) -%}{%- endif -%}
        {%- if run is not none and execution_id is not none -%}
            {{- policy_workflow._fail("give either run or execution_id, not both") -}}
        {%- endif -%}
        {%- for name, value, legal in [('check_api', check_api, [true, false]), ('fail_on', fail_on, [none, 'warn', 'error']), ('output', output, ['text', 'json'])] -%}
            {%- if value not in legal or value is number and value is not boolean -%}
                {{- policy_workflow._fail(name ~ " must be one of " ~ legal | map('tojson') | join(', ') ~ ". Got: " ~ policy_workflow._got(value)) -}}
            {%- endif -%}
        {%- endfor -%}
        {%- do policy_workflow._check_settings() -%}
        {%- set findings = [] -%}
        {%- set story = [] -%}
        {%- if execution_id is none and run is none -%}
            {%- do policy_workflow._diagnose_system(findings, check_api) -%}
        {%- elif policy_workflow._found_columns()['policy_execution_events'] is none -%}
            {%- do policy_workflow._add_finding(findings, 'policy_execution_events', 'error', "not there, or role " ~ target.role ~ " may not see it", "dbt run-operation diagnose_policy_execution; or: grant select on table " ~ policy_workflow._relation_name('policy_execution_events') ~ " to role " ~ target.role) -%}
        {%- elif run is not none -%}
            {%- do policy_workflow._diagnose_run(findings, run) -%}
        {%- else -%}
            {%- do story.extend(policy_workflow._diagnose_execution(findings, execution_id)) -%}
        {%- endif -%}
        {%- set errors = findings | selectattr('level', 'equalto', 'error') | list | length -%}
        {%- set warnings = findings | selectattr('level', 'equalto', 'warn') | list | length -%}
        {%- if output == 'json' -%}
            {%- do print(policy_workflow._line(tojson({'schema': policy_workflow._schema_name(), 'execution_id': execution_id, 'run': run, 'errors': errors, 'warnings': warnings, 'findings': findings, 'story': story}))) -%}
        {%- else -%}
            {%- do policy_workflow._log("policy_workflow: diagnosis of " ~ (execution_id or run or policy_workflow._schema_name()) ~ "; times are UTC") -%}
            {%- for event in story -%}{%- do policy_workflow._log(policy_workflow._story_line(event)) -%}{%- endfor -%}
            {%- do policy_workflow._log_findings(findings) -%}
            {%- do policy_workflow._log(("❌" if errors else "⚠️ " if warnings else "✅") ~ " policy_workflow: " ~ errors ~ " error(s), " ~ warnings ~ " warning(s)") -%}
        {%- endif -%}
        {%- if fail_on is not none and (errors or (warnings and fail_on == 'warn')) -%}
            {{- policy_workflow._fail("diagnosis found " ~ errors ~ " error(s) and " ~ warnings ~ " warning(s); fail_on is " ~ fail_on) -}}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
