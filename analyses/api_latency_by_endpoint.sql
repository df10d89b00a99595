-- How fast and how well each endpoint of the API answered in the last 7 days.
select
    endpoint,
    count(*) as calls,
    sum(requests_sent) as requests,
    count_if(http_status is null) as without_answer,
    count_if(error_class is not null) as with_error,
    percentile_cont(0.5) within group (order by duration_ms) as p50_ms,
    percentile_cont(0.95) within group (order by duration_ms) as p95_ms,
    max(duration_ms) as longest_ms
from {{ ref('policy_api_requests') }}
where requested_at >= dateadd(day, -7, current_timestamp())
group by endpoint
order by endpoint
