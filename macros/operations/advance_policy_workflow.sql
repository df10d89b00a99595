{% macro advance_policy_workflow(limit=1000) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments('advance_policy_workflow', ['limit'], {}, kwargs, varargs) -%}
        {%- do policy_workflow._check_argument('limit', limit, {'type': 'integer', 'min': 1, 'max': 10000}) -%}
        {%- do policy_workflow._check_settings() -%}
        {%- do policy_workflow._ensure_deployed(['advance_policy_workflow'], reads=policy_workflow._tables()) -%}
        {%- set run = policy_workflow._run_id() -%}
        {%- set answer = policy_workflow._call_procedure('advance_policy_workflow', {
            'invocation_id': run,
            'poll_interval_seconds': policy_workflow._setting('policy_poll_interval_seconds'),
            'limit': limit,
            'is_read': true
        }) -%}
        {%- if answer.secret_problem -%}
            {%- do policy_workflow._fail_secret(answer.secret_problem) -%}
        {%- endif -%}
        {%- do policy_workflow._log_step("advanced", answer) -%}
        {%- if answer.failed or answer.api_breaker -%}
            {%- do policy_workflow._verdict(run, policy_workflow._standing(run), answer.api_breaker) -%}
        {%- endif -%}
        {%- set completed = answer.counts.get('completed', 0) -%}
        {%- set more = "nothing of this call is left open" -%}
        {%- if answer.open -%}
            {%- set more = answer.open ~ " execution(s) go on at the next call" -%}
        {%- endif -%}
        {%- do policy_workflow._log("✅ policy_workflow: " ~ completed ~ " execution(s) completed; " ~ more) -%}
    {%- endif -%}
{%- endmacro %}
