{% macro diagnose_policy_execution(execution_id=none, check_api=false, fail_on=none, output='text', run=none) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments(
            'diagnose_policy_execution', ['execution_id', 'check_api', 'fail_on', 'output', 'run'], {}, kwargs, varargs
        ) -%}
        {%- do policy_workflow._check_run_or_execution(run, execution_id) -%}
        {%- for name, value, legal in [
            ('check_api', check_api, [true, false]),
            ('fail_on', fail_on, [none, 'warn', 'error']),
            ('output', output, ['text', 'json'])
        ] -%}
            {%- set says = 'one of ' ~ legal | map('tojson') | join(', ') -%}
            {%- do policy_workflow._check_argument(name, value, {'legal': legal, 'says': says}) -%}
        {%- endfor -%}
        {%- do policy_workflow._check_settings() -%}
        {%- set findings = [] -%}
        {%- set story = [] -%}
        {%- if execution_id is none and run is none -%}
            {%- do policy_workflow._diagnose_system(findings, check_api) -%}
        {%- elif policy_workflow._found_columns()['policy_execution_events'] is none -%}
            {%- do policy_workflow._add_finding(findings, 'events_missing', {
                'table': policy_workflow._relation_name('policy_execution_events'),
                'role': target.role
            }) -%}
        {%- elif run is not none -%}
            {%- do policy_workflow._diagnose_run(findings, run) -%}
        {%- else -%}
            {%- do story.extend(policy_workflow._diagnose_execution(findings, execution_id)) -%}
        {%- endif -%}
        {%- set errors = findings | selectattr('level', 'equalto', 'error') | list | length -%}
        {%- set warnings = findings | selectattr('level', 'equalto', 'warn') | list | length -%}
        {%- set name = story | map(attribute='policy_name') | select('string') | list | first -%}
        {%- if output == 'json' -%}
            {%- do print(policy_workflow._line(tojson({
                'schema': policy_workflow._schema_name(),
                'execution_id': execution_id,
                'run': run,
                'errors': errors,
                'warnings': warnings,
                'findings': findings,
                'story': story
            }))) -%}
        {%- else -%}
            {%- set named = policy_workflow._named(name, execution_id) -%}
            {%- set subject = named or run or policy_workflow._schema_name() -%}
            {%- do policy_workflow._log("policy_workflow: diagnosis of " ~ subject ~ "; times are UTC") -%}
            {%- for event in story -%}{%- do policy_workflow._log(policy_workflow._story_line(event)) -%}{%- endfor -%}
            {%- do policy_workflow._log_findings(findings, execution_id, named) -%}
            {%- set sign = "❌" if errors else "⚠️ " if warnings else "✅" -%}
            {%- do policy_workflow._log(
                sign ~ " policy_workflow: " ~ errors ~ " error(s), " ~ warnings ~ " warning(s)"
            ) -%}
        {%- endif -%}
        {%- if fail_on is not none and (errors or (warnings and fail_on == 'warn')) -%}
            {{- policy_workflow._fail(
                "diagnosis found " ~ errors ~ " error(s) and " ~ warnings ~ " warning(s); fail_on is " ~ fail_on
            ) -}}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
