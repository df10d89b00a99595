-- Where the time of the last 7 days went: seconds that runs spent on each step, and how much of that
-- was the API.
select
    step,
    step_name,
    count(*) as executions,
    percentile_cont(0.5) within group (order by active_seconds) as p50_seconds,
    percentile_cont(0.95) within group (order by active_seconds) as p95_seconds,
    max(active_seconds) as longest_seconds,
    round(100.0 * sum(api_seconds) / nullif(sum(active_seconds), 0), 1) as api_percent,
    max_by(execution_id, active_seconds) as slowest_execution
from {{ ref('policy_execution_steps') }}
where started_at >= dateadd(day, -7, current_timestamp())
group by
    step,
    step_name
order by p95_seconds desc
