-- Policies that were created and never became ready, however often they were run, in the last 30 days.
select
    policy_name,
    count(*) as executions,
    sum(total_polls) as polls,
    max_by(error_cause, started_at) as latest_cause,
    max_by(message, started_at) as latest_message,
    max(started_at) as latest_start
from {{ ref('policy_executions') }}
where
    policy_id is not null
    and started_at >= dateadd(day, -30, current_timestamp())
group by policy_name
having count_if(requires_circuit_breaker) = 0
order by
    executions desc,
    policy_name asc
