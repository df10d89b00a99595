{#- Returns the breaker that has stopped step 2 or 3, or none. Polls until no execution is open, the attempts are
    used up, or the breaker of poll opens. After each round what is ready is triggered, before the wait for the
    next one. With wait=false it polls once, and gives up the lease of what is not ready, for another run. `open`
    is how many executions are to be polled. -#}
{% macro _poll_policies(run, wait, open) -%}
    {%- set attempts = policy_workflow._setting('policy_max_poll_attempts') -%}
    {%- set interval = policy_workflow._setting('policy_poll_interval_seconds') -%}
    {%- set request = {'invocation_id': run, 'release': not wait} -%}
    {%- set state = namespace(open=open, breaker=none) -%}
    {%- for attempt in range(attempts if wait else 1) -%}
        {%- if state.open -%}
            {%- if attempt -%}
                {#- The next poll is due an interval after the first one of this round, however long it took. -#}
                {%- do policy_workflow._wait([interval - policy_workflow._seconds_since(state.began), interval] | min) -%}
            {%- endif -%}
            {%- set state.began = policy_workflow._now() -%}
            {%- set title = "Step 2: poll" ~ (" " ~ (attempt + 1) ~ " of at most " ~ attempts if wait else "") -%}
            {%- set answer = policy_workflow._call_step(title, 'poll_policy_status', request, total=state.open) -%}
            {%- do policy_workflow._log_step(title, answer) -%}
            {%- set state.breaker = answer.api_breaker or state.breaker -%}
            {#- Where the breaker of poll is open nothing more can be polled, so nothing is waited for. -#}
            {%- set state.open = 0 if answer.api_breaker else answer.open -%}
            {#- A CALL that the client has sent twice answers nothing the second time: the table decides then. -#}
            {%- if answer.ready or not answer.processed -%}
                {%- set state.breaker = policy_workflow._trigger_circuit_breakers(run) or state.breaker -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(state.breaker) -}}
{%- endmacro %}
