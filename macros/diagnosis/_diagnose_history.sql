{#- How the last 24 hours went, by the events: success rate, polls, and where the time went. -#}
{% macro _diagnose_history(findings) -%}
    {%- set statement -%}
with events as (
{{ policy_workflow._recent_events_sql(24) }}
),
executions as (
    select
        execution_id,
        count_if(event = 'claimed') > 0 as is_started,
        count_if(event = 'poll_policy_status') as polls,
        count_if(status_after = 'completed') > 0 as is_completed
    from events
    group by execution_id
),
steps as (
    select
        step,
        avg(active_ms) / 1000 as seconds,
        max(active_ms) / 1000 as longest
    from (
        select
            step,
            execution_id,
            sum(active_ms) as active_ms
        from events
        where step is not null
        group by
            step,
            execution_id
    ) as one
    group by step
)
select
    (select count(*) from executions where is_started) as started,
    (select count(*) from executions where is_started and is_completed) as completed,
    (select round(avg(polls), 1) from executions where polls > 0) as polls,
    (select max(polls) from executions) as most_polls,
    steps.step as step,
    round(steps.seconds, 1) as seconds,
    round(steps.longest, 1) as longest
from (select 1 as one) as always
left join steps
    on always.one = 1
order by steps.seconds desc nulls last
    {%- endset -%}
    {%- set rows = run_query(statement).rows -%}
    {%- set row = rows[0] -%}
    {%- set started = row['STARTED'] | int -%}
    {%- set least = policy_workflow._setting('policy_min_success_rate_percent') -%}
    {%- if not started -%}
        {%- do policy_workflow._add_finding(findings, 'success rate', 'ok', "no execution started in the last 24 hours") -%}
    {%- else -%}
        {%- set rate = (100.0 * (row['COMPLETED'] | int) / started) | round(1) -%}
        {%- do policy_workflow._add_finding(findings, 'success rate', 'ok' if rate >= least else 'warn', rate ~ " % of the " ~ started ~ " execution(s) of the last 24 hours completed (policy_min_success_rate_percent: " ~ least ~ ")", none if rate >= least else "See the causes below") -%}
    {%- endif -%}
    {%- if row['POLLS'] -%}
        {%- do policy_workflow._add_finding(findings, 'polls', 'ok', row['POLLS'] ~ " an execution on average, " ~ row['MOST_POLLS'] ~ " at most") -%}
    {%- endif -%}
    {%- if row['STEP'] -%}
        {%- do policy_workflow._add_finding(findings, 'slowest step', 'ok', policy_workflow._step_name(row['STEP'] | int) ~ ": " ~ row['SECONDS'] ~ " s on average, " ~ row['LONGEST'] ~ " s at most") -%}
    {%- endif -%}
{%- endmacro %}
