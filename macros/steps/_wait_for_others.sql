{#- Returns how the executions of a run stand in the end (see _standing). Waits, at most policy_wait_seconds,
    for those whose lease another run holds: their outcome counts. What no run holds any more, this run
    takes over. A breaker of the API that opens ends the wait. -#}
{% macro _wait_for_others(run) -%}
    {%- set interval = [policy_workflow._setting('policy_poll_interval_seconds'), 1] | max -%}
    {%- set rounds = 1 + policy_workflow._setting('policy_wait_seconds') // interval -%}
    {%- set state = namespace(standing=policy_workflow._standing(run), breaker=none) -%}
    {%- for round in range(rounds) -%}
        {%- set elsewhere = state.standing.counts.get('elsewhere', 0) -%}
        {%- set free = state.standing.counts.get('free', 0) -%}
        {%- if not state.breaker and (free or (elsewhere and round < rounds - 1)) -%}
            {%- if elsewhere and round == 0 -%}
                {%- do policy_workflow._log(
                    "policy_workflow: waiting for " ~ elsewhere ~ " execution(s): run " ~ state.standing.owner
                    ~ " holds the lease"
                ) -%}
            {%- endif -%}
            {%- if free -%}
                {%- set state.breaker = policy_workflow._run_steps(run, {'take_over': true}).api_breaker -%}
            {%- else -%}
                {%- do policy_workflow._wait(interval) -%}
            {%- endif -%}
            {%- set state.standing = policy_workflow._standing(run) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(state.standing) -}}
{%- endmacro %}
