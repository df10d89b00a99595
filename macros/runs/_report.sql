{#- Returns nothing: logs the four lines of each execution of a run, or one line for more than five
    executions. `standing` is what _standing returns. -#}
{% macro _report(standing) -%}
    {%- if standing.total > 5 -%}
        {%- set of_all = standing.counts.get('completed', 0) ~ " of " ~ standing.total -%}
        {%- do policy_workflow._log("policy_workflow: " ~ of_all ~ " executions completed") -%}
    {%- else -%}
        {%- for row in standing.rows if row['status'] is not none and row['standing'] != 'refused' -%}
            {%- do policy_workflow._report_execution(row) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns nothing: logs the seed's four lines for one execution, from a row of the tables. A step that is
    still to come has a sign of its own. -#}
{% macro _report_execution(row) -%}
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
    {%- do policy_workflow._log([
        "Execution " ~ row['execution_id'] ~ ":",
        created,
        ready ~ polls,
        triggered,
        sign ~ " Final status: " ~ row['status'] ~ " with circuit_breaker_completed = " ~ flag
    ]) -%}
{%- endmacro %}
