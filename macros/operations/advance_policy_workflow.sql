{% macro advance_policy_workflow(limit=1000) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments('advance_policy_workflow', ['limit'], {}, kwargs, varargs) -%}
        {%- if limit is not integer or limit is boolean or limit < 1 or limit > 10000 -%}
            {{- policy_workflow._fail("limit must be a whole number from 1 to 10000. Got: " ~ policy_workflow._got(limit)) -}}
        {%- endif -%}
        {%- do policy_workflow._check_settings() -%}
        {%- do policy_workflow._ensure_deployed(['advance_policy_workflow'], reads=policy_workflow._tables()) -%}
        {%- set run = policy_workflow._run_id() -%}
        {%- set answer = policy_workflow._call_procedure('advance_policy_workflow', {'invocation_id': run, 'poll_interval_seconds': policy_workflow._setting('policy_poll_interval_seconds'), 'limit': limit}) -%}
        {%- do policy_workflow._log_step("advanced", answer) -%}
        {%- if answer.failed -%}
            {%- do policy_workflow._verdict(run, policy_workflow._standing(run), false) -%}
        {%- endif -%}
        {%- set more = answer.open ~ " execution(s) go on at the next call" if answer.open else "nothing of this call is left open" -%}
        {%- do policy_workflow._log("✅ policy_workflow: " ~ (answer.counts.get('completed', 0)) ~ " execution(s) completed; " ~ more) -%}
    {%- endif -%}
{%- endmacro %}
