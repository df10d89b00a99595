{#- Drives all policies of a relation to their ends, or with wait=false as far as they go at once, and ends
    with the verdict. No statement holds their ids or policies, so their number is not bounded by one.
    What another run drives is waited for: its outcome counts, and when its lease runs out, this run
    takes over. -#}
{% macro _run_policies_from(relation, wait) -%}
    {#- A driver of its own, as the steps take all that it drives: one dbt invocation may call this twice. -#}
    {%- set driver = invocation_id ~ '-' ~ local_md5(relation ~ modules.datetime.datetime.now().isoformat())[:8] -%}
    {%- set create = {'policies_from': relation, 'max_policy_characters': policy_workflow._setting('policy_max_policy_characters')} -%}
    {%- set interval = [policy_workflow._setting('policy_poll_interval_seconds'), 1] | max -%}
    {%- set state = namespace(answer=none, rounds=1 + policy_workflow._setting('policy_wait_seconds') // interval, open=true) -%}
    {%- for round in range(state.rounds) if state.open -%}
        {%- if round == 0 or not policy_workflow._leases_of(state.answer.drivers) -%}
            {%- set state.answer = policy_workflow._run_steps({'driver': driver, 'create': create, 'ids': none}, wait) -%}
            {#- What another run has driven to an error is reported, not repeated. -#}
            {%- do create.update({'resume_failed': false}) -%}
        {%- endif -%}
        {%- set waiting = state.answer.standing.waiting.count if state.answer.standing else 0 -%}
        {%- set state.open = wait and waiting > 0 -%}
        {%- if state.open and round < state.rounds - 1 -%}
            {%- if round == 0 -%}
                {%- do policy_workflow._log("policy_workflow: waiting for " ~ waiting ~ " execution(s) that run " ~ state.answer.drivers[0] ~ " is driving") -%}
            {%- endif -%}
            {%- do policy_workflow._wait(interval) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do policy_workflow._verdict_of_driver(driver, state.answer, wait) -%}
{%- endmacro %}
