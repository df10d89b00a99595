{#- Takes executions through the three steps, and waits for those that another run drives: its
    outcome is reported, or, when its lease runs out, this run takes over.
    Returns the rows of the state table by execution_id. -#}
{% macro _drive_executions(executions) -%}
    {%- set interval = [policy_workflow._setting('policy_poll_interval_seconds'), 1] | max -%}
    {%- set rounds = 1 + policy_workflow._setting('policy_wait_seconds') // interval -%}
    {%- set state = namespace(todo=executions, rows={}, waiting=[]) -%}
    {%- for round in range(rounds) if round == 0 or state.waiting -%}
        {%- if state.todo -%}
            {%- do policy_workflow._run_steps(policy_workflow._selection(state.todo)) -%}
        {%- endif -%}
        {%- set ids = executions | map(attribute='execution_id') | list if round == 0 else state.waiting -%}
        {%- do state.rows.update(policy_workflow._read_executions(ids)) -%}
        {%- set waiting = [] -%}
        {%- set expired = [] -%}
        {%- for id in ids if id in state.rows and not state.rows[id]['completed'] and state.rows[id]['invocation_id'] != invocation_id -%}
            {%- do waiting.append(id) -%}
            {%- if state.rows[id]['lease_expired'] -%}{%- do expired.append(id) -%}{%- endif -%}
        {%- endfor -%}
        {%- set state.waiting = waiting -%}
        {%- set state.todo = executions | selectattr('execution_id', 'in', expired) | list -%}
        {%- if waiting and round < rounds - 1 -%}
            {%- if round == 0 -%}
                {%- do log("policy_workflow: waiting for " ~ waiting | length ~ " execution(s) that run " ~ state.rows[waiting[0]]['invocation_id'] ~ " is driving", info=true) -%}
            {%- endif -%}
            {%- if not expired -%}{%- do policy_workflow._wait(interval) -%}{%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(state.rows) -}}
{%- endmacro %}
