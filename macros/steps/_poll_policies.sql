{#- Step 2: polls until nothing is open or the attempts are used up, with a wait in between. -#}
{% macro _poll_policies(execution_ids) -%}
    {%- set attempts = policy_workflow._setting('policy_max_poll_attempts') -%}
    {%- set state = namespace(open=true) -%}
    {%- for attempt in range(attempts) if state.open -%}
        {%- if attempt > 0 -%}
            {%- do policy_workflow._wait(policy_workflow._setting('policy_poll_interval_seconds')) -%}
        {%- endif -%}
        {%- set answer = policy_workflow._call_procedure('poll_policy_status', {'invocation_id': invocation_id, 'execution_ids': execution_ids}) -%}
        {%- do policy_workflow._log_step("Step 2: poll " ~ (attempt + 1) ~ " of at most " ~ attempts, answer) -%}
        {%- set state.open = answer.open > 0 -%}
    {%- endfor -%}
{%- endmacro %}
