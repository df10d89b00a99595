{#- The last line of a run whose executions are not listed one by one: reads what its driver came to, adds
    how those stand that it does not hold, and fails the command when one is not completed; with
    wait=false only for executions that failed. -#}
{% macro _verdict_of_driver(driver, answer, wait) -%}
    {%- set statement -%}
select
    t."execution_id",
    t."status",
    t."message",
    count(*) over (partition by t."status") as "executions"
from {{ policy_workflow._relation_name('policy_execution_state') }} t
where t."invocation_id" = {{ policy_workflow._sql_literal(driver) }}
qualify row_number() over (partition by t."status" order by t."execution_id") <= 20
    {%- endset -%}
    {%- set total = answer.total -%}
    {%- set standing = answer.standing or {} -%}
    {%- set counts = {} -%}
    {%- set failures = [] -%}
    {%- for row in run_query(statement).rows if total -%}
        {%- do counts.update({row['status']: row['executions'] | int}) -%}
        {%- if row['status'] == 'error' or (wait and row['status'] != 'completed') -%}
            {%- do failures.append(row['execution_id'] ~ ": " ~ row['status'] ~ ": " ~ row['message']) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for group, says in [('failed', 'error, under another run'), ('cancelled', 'cancelled before'), ('waiting', 'still driven by another run')] if total and (wait or group != 'waiting') -%}
        {%- for id in standing[group].ids -%}{%- do failures.append(id ~ ": " ~ says) -%}{%- endfor -%}
    {%- endfor -%}
    {%- set completed = counts.get('completed', 0) + (standing.completed.count if total else 0) -%}
    {%- set failed = counts.get('error', 0) + (standing.failed.count + standing.cancelled.count if total else 0) -%}
    {%- set missed = total - completed if wait else failed -%}
    {%- if missed -%}
        {%- set next = "dbt run-operation retry_policy_workflow --args '{limit: 10000}'" if (failures[:1] | join).startswith(driver) else "run the same command" -%}
        {{- policy_workflow._fail_incomplete(missed, total, failures or ["they left policy_execution_state, or another run has taken them over"], "To go on where they stopped: " ~ next) -}}
    {%- endif -%}
    {%- if wait or completed == total -%}
        {%- do policy_workflow._log("✅ policy_workflow: " ~ completed ~ " of " ~ total ~ " execution(s) completed") -%}
    {%- else -%}
        {%- do policy_workflow._log("✅ policy_workflow: " ~ completed ~ " of " ~ total ~ " execution(s) completed, the others started; to take them further: dbt run-operation advance_policy_workflow") -%}
    {%- endif -%}
{%- endmacro %}
