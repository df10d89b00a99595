{#- Where the executions stand now, by the state table: counts, what is stuck, what was left behind. -#}
{% macro _diagnose_executions(findings) -%}
    {%- set minutes = policy_workflow._setting('policy_stuck_minutes') -%}
    {%- set retry = "dbt run-operation retry_policy_workflow" -%}
    {%- set statement -%}
select
    s.status,
    count(*) as executions,
    count_if(s.is_stuck) as stuck,
    min(case when s.is_stuck then s.execution_id end) as stuck_example,
    count_if(s.is_left) as left_behind,
    min(case when s.is_left then s.execution_id end) as left_example,
    count_if(s.is_open) as active
from (
    select
        t."execution_id" as execution_id,
        t."status" as status,
        t."completed" = false as is_open,
        t."completed" = false
        and t."start_time" < dateadd(minute, -{{ minutes }}, current_timestamp())::timestamp_ntz as is_stuck,
        t."completed" = false
        and coalesce(t."lease_expires_at" <= sysdate(), true) as is_left
    from {{ policy_workflow._relation_name('policy_execution_state') }} as t
) as s
group by s.status
order by s.status
    {%- endset -%}
    {%- set rows = run_query(statement).rows -%}
    {%- set counts = [] -%}
    {%- for row in rows -%}{%- do counts.append(row['EXECUTIONS'] ~ " " ~ row['STATUS']) -%}{%- endfor -%}
    {%- do policy_workflow._add_finding(findings, 'state table', 'ok', counts | join(', ') or "empty: finished executions leave it after their retention") -%}
    {%- do policy_workflow._add_finding(findings, 'active', 'ok', (rows | sum(attribute='ACTIVE') | int) ~ " execution(s) not finished") -%}
    {%- set stuck = rows | sum(attribute='STUCK') | int -%}
    {%- set left = rows | sum(attribute='LEFT_BEHIND') | int -%}
    {%- if stuck -%}
        {%- do policy_workflow._add_finding(findings, 'stuck', 'warn', stuck ~ " execution(s) not finished after " ~ minutes ~ " minutes, such as " ~ (rows | map(attribute='STUCK_EXAMPLE') | select('string') | first), retry) -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'stuck', 'ok', "none is open for over " ~ minutes ~ " minutes") -%}
    {%- endif -%}
    {%- if left -%}
        {%- do policy_workflow._add_finding(findings, 'leases', 'warn', left ~ " execution(s) whose run is gone (their lease ran out), such as " ~ (rows | map(attribute='LEFT_EXAMPLE') | select('string') | first), retry) -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'leases', 'ok', "every open execution is driven by a run") -%}
    {%- endif -%}
{%- endmacro %}
