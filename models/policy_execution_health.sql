-- One row an hour in which executions started, and what became of them until now. The success rate
-- is that of the seed's query: completed of all that started.
select
    date_trunc('hour', started_at) as started_hour,
    count(*) as started,
    count_if(status = 'completed') as completed,
    count_if(status = 'error' and not is_cancelled) as failed,
    count_if(is_cancelled) as cancelled,
    count_if(not is_finished) as open,
    (100 * count_if(status = 'completed') / count(*))::number(5, 2) as success_rate_percent,
    percentile_cont(0.5) within group (
        order by case when status = 'completed' then duration_seconds end
    )::number(18, 3) as p50_seconds,
    percentile_cont(0.95) within group (
        order by case when status = 'completed' then duration_seconds end
    )::number(18, 3) as p95_seconds
from {{ ref('policy_executions') }}
group by date_trunc('hour', started_at)
