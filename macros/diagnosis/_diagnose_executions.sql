{#- Returns nothing: adds where the executions stand now, by the state table: counts, what is stuck, what was left
    behind. -#}
{% macro _diagnose_executions(findings) -%}
    {%- set minutes = policy_workflow._setting('policy_stuck_minutes') -%}
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
    {%- if counts -%}
        {%- do policy_workflow._add_finding(findings, 'state_table', {'counts': counts | join(', ')}) -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'state_table_empty') -%}
    {%- endif -%}
    {%- do policy_workflow._add_finding(findings, 'active', {'count': rows | sum(attribute='ACTIVE') | int}) -%}
    {%- set stuck = rows | sum(attribute='STUCK') | int -%}
    {%- if stuck -%}
        {%- do policy_workflow._add_finding(findings, 'stuck', {
            'count': stuck,
            'minutes': minutes,
            'example': rows | map(attribute='STUCK_EXAMPLE') | select('string') | first
        }) -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'none_stuck', {'minutes': minutes}) -%}
    {%- endif -%}
    {%- set left = rows | sum(attribute='LEFT_BEHIND') | int -%}
    {%- if left -%}
        {%- set example = rows | map(attribute='LEFT_EXAMPLE') | select('string') | first -%}
        {%- do policy_workflow._add_finding(findings, 'left_behind', {'count': left, 'example': example}) -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'all_leased') -%}
    {%- endif -%}
{%- endmacro %}
