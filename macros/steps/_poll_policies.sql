{#- Returns nothing: step 2 polls until no execution is open or the attempts are used up, with a wait in
    between. With wait=false it polls once, and gives up the lease of what is not ready, for another run. -#}
{% macro _poll_policies(run, wait) -%}
    {%- set attempts = policy_workflow._setting('policy_max_poll_attempts') -%}
    {%- set request = {'invocation_id': run, 'release': not wait} -%}
    {%- set state = namespace(open=true) -%}
    {%- for attempt in range(attempts if wait else 1) -%}
        {%- if state.open -%}
            {%- if attempt > 0 -%}
                {%- do policy_workflow._wait(policy_workflow._setting('policy_poll_interval_seconds')) -%}
            {%- endif -%}
            {%- set answer = policy_workflow._call_procedure('poll_policy_status', request) -%}
            {%- set of_all = " " ~ (attempt + 1) ~ " of at most " ~ attempts if wait else "" -%}
            {%- do policy_workflow._log_step("Step 2: poll" ~ of_all, answer) -%}
            {%- set state.open = answer.open > 0 -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
