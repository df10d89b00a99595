-- How the executions of the last 24 hours went, also those that have left the state table.
select
    count(*) as total_executions,
    count_if(status = 'completed') as successful,
    count_if(status = 'error') as failed,
    round(100.0 * count_if(status = 'completed') / nullif(count(*), 0), 2) as success_rate_percent
from {{ ref('policy_executions') }}
where started_at >= dateadd(hour, -24, current_timestamp())
