{#- Takes executions through the three steps, and waits for those that another run drives: its
    outcome is reported, or, when its lease runs out, this run takes over.
    Returns the rows of the state table by execution_id. -#}
{% macro _drive_executions(executions) -%}
    {%- set interval = [policy_workflow._setting('policy_poll_interval_seconds'), 1] | max -%}
    {%- set rounds = 1 + policy_workflow._setting('policy_wait_seconds') // interval -%}
    {%- set state = namespace(todo=executions, ids=executions | map(attribute='execution_id') | list, rows={}) -%}
    {%- for round in range(rounds) if state.ids -%}
        {%- if state.todo -%}
            {%- do policy_workflow._run_steps(policy_workflow._selection(state.todo)) -%}
        {%- endif -%}
        {%- do state.rows.update(policy_workflow._read_executions(state.ids)) -%}
        {%- set elsewhere = state.rows.values() | rejectattr('completed') | rejectattr('invocation_id', 'equalto', invocation_id) | list -%}
        {%- set expired = elsewhere | selectattr('lease_expired') | map(attribute='execution_id') | list -%}
        {%- set state.ids = elsewhere | map(attribute='execution_id') | list -%}
        {%- set state.todo = executions | selectattr('execution_id', 'in', expired) | list -%}
        {%- if elsewhere and round < rounds - 1 -%}
            {%- if round == 0 -%}
                {%- do policy_workflow._log("policy_workflow: waiting for " ~ elsewhere | length ~ " execution(s) that run " ~ elsewhere[0]['invocation_id'] ~ " is driving") -%}
            {%- endif -%}
            {%- if not expired -%}{%- do policy_workflow._wait(interval) -%}{%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(state.rows) -}}
{%- endmacro %}
