{#- Returns nothing: logs how the executions of a run stand. For the only execution of a run these are the seed's
    four lines, without those that the run has logged when the step was done; of up to five executions, each has
    one line; of more, the last lines of the run tell. `standing` is what _standing returns, `answer` that of
    step 1. -#}
{% macro _report(standing, answer) -%}
    {%- set rows = standing.rows | rejectattr('standing', 'equalto', 'refused') | rejectattr('status', 'none') | list -%}
    {%- if standing.total == 1 and rows -%}
        {%- set row = rows[0] -%}
        {%- set is_ended = row['status'] in ('completed', 'error') -%}
        {%- set logged = [
            answer.processed == 1,
            answer.to_poll and (row['is_confirmed'] or is_ended),
            (answer.to_poll or answer.to_trigger) and row['is_confirmed'] and is_ended
        ] -%}
        {%- for line in policy_workflow._confirmations(row) -%}
            {%- if not logged[loop.index0] -%}{%- do policy_workflow._log(line) -%}{%- endif -%}
        {%- endfor -%}
    {%- elif standing.total <= 5 -%}
        {%- for row in rows -%}
            {%- set named = policy_workflow._named(row['policy_name'], row['execution_id']) -%}
            {%- set known = "policy_id " ~ row['policy_id'] ~ ", " if row['policy_id'] is not none else "" -%}
            {%- do policy_workflow._log(
                policy_workflow._confirmations(row)[3] ~ ": " ~ named ~ ", " ~ known ~ row['poll_count'] ~ " poll(s)"
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns the seed's four lines for one execution, from a row of the tables. A step that is still to come has a
    sign of its own. -#}
{% macro _confirmations(row) -%}
    {%- set is_triggered = row['is_triggered'] -%}
    {%- set no = "❌" if row['status'] in ('completed', 'error') else "⏳" -%}
    {%- set polls = " (" ~ row['poll_count'] ~ " poll(s))" -%}
    {%- set created = no ~ " Step 1: Policy not created" -%}
    {%- if row['policy_id'] is not none -%}
        {%- set created = "✅ Step 1: Policy created and stored in state table (policy_id "
            ~ row['policy_id'] ~ ")" -%}
    {%- endif -%}
    {%- set ready = no ~ " Step 2: Policy status not confirmed" -%}
    {%- if row['is_confirmed'] -%}
        {%- set ready = "✅ Step 2: Policy status confirmed as success/ready" -%}
    {%- endif -%}
    {%- set triggered = no ~ " Step 3: Circuit breaker not triggered" -%}
    {%- set none_asked = row['status'] == 'completed' and not is_triggered and not row['is_initiated'] -%}
    {%- if none_asked -%}
        {%- set triggered = "➖ Step 3: No circuit breaker asked for (policy_api: trigger is none)" -%}
    {%- elif is_triggered -%}
        {%- set triggered = "✅ Step 3: Circuit breaker triggered successfully" -%}
    {%- elif row['is_initiated'] -%}
        {%- set triggered = triggered ~ " (a request was started)" -%}
    {%- endif -%}
    {%- set sign = "✅" if row['status'] == 'completed' and (is_triggered or none_asked) else no -%}
    {%- set flag = is_triggered | string | upper -%}
    {{- return([
        created,
        ready ~ polls,
        triggered,
        sign ~ " Final status: " ~ row['status'] ~ " with circuit_breaker_completed = " ~ flag
    ]) -}}
{%- endmacro %}
