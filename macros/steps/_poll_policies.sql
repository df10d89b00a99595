{#- Step 2: polls until nothing is open or the attempts are used up, with a wait in between; with
    wait=false once, and what is not ready is given up for another run to go on with. -#}
{% macro _poll_policies(run, wait) -%}
    {%- set attempts = policy_workflow._setting('policy_max_poll_attempts') -%}
    {%- set state = namespace(open=true) -%}
    {%- for attempt in range(attempts if wait else 1) -%}
        {%- if state.open -%}
            {%- if attempt > 0 -%}
                {%- do policy_workflow._wait(policy_workflow._setting('policy_poll_interval_seconds')) -%}
            {%- endif -%}
            {%- set answer = policy_workflow._call_procedure('poll_policy_status', {'invocation_id': run, 'release': not wait}) -%}
            {%- do policy_workflow._log_step("Step 2: poll " ~ (attempt + 1) ~ " of at most " ~ attempts if wait else "Step 2: poll", answer) -%}
            {%- set state.open = answer.open > 0 -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
