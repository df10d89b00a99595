{#- Returns nothing: adds how the last 24 hours went, by the events: success rate, polls, and where the time
    went. -#}
{% macro _diagnose_history(findings) -%}
    {%- set statement -%}
with events as (
{{ policy_workflow._events_sql('e."event_time" >= dateadd(hour, -24, current_timestamp())') }}
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
    {%- set row = run_query(statement).rows[0] -%}
    {%- set started = row['STARTED'] | int -%}
    {%- if not started -%}
        {%- do policy_workflow._add_finding(findings, 'none_started') -%}
    {%- else -%}
        {%- set least = policy_workflow._setting('policy_min_success_rate_percent') -%}
        {%- set rate = (100.0 * (row['COMPLETED'] | int) / started) | round(1) -%}
        {%- set text = 'success_rate' if rate >= least else 'success_rate_low' -%}
        {%- set values = {'rate': rate, 'started': started, 'least': least} -%}
        {%- do policy_workflow._add_finding(findings, text, values) -%}
    {%- endif -%}
    {%- if row['POLLS'] -%}
        {%- set values = {'polls': row['POLLS'], 'most': row['MOST_POLLS']} -%}
        {%- do policy_workflow._add_finding(findings, 'polls', values) -%}
    {%- endif -%}
    {%- if row['STEP'] -%}
        {%- set steps = {1: 'create policy', 2: 'poll policy status', 3: 'trigger circuit breaker'} -%}
        {%- set values = {'step': steps[row['STEP'] | int], 'seconds': row['SECONDS'], 'longest': row['LONGEST']} -%}
        {%- do policy_workflow._add_finding(findings, 'slowest_step', values) -%}
    {%- endif -%}
{%- endmacro %}
