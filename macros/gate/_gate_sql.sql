{#- Returns a query: one row that says why a policy is not in force, no row when the policy is in force. In
    force is a policy whose latest execution completed, not longer ago than the hours say; of several
    executions that one run has begun, all must have completed. Cancelled executions do not count. The query
    reads the events, so its answer is the same after the state table was cleaned. -#}
{% macro _gate_sql(policy_name, within_hours) -%}
{%- set events = policy_workflow._relation_name('policy_execution_events') -%}
{%- set name = policy_workflow._sql_literal(policy_name) -%}
select 'policy ' || {{ name }} || ' is not in force: ' || case
    when latest.execution_id is null then 'it was never run. Run it: dbt run-operation run_policy_workflow'
    when latest.status <> 'completed' then 'its latest execution ' || latest.execution_id || ' is ' || latest.status
        || coalesce(' (' || latest.message || ')', '') || '. Look: dbt run-operation diagnose_policy_execution'
    else 'its latest execution ' || latest.execution_id || ' completed ' || latest.hours
        || ' hours ago, and {{ within_hours }} are allowed. Run it again: dbt run-operation run_policy_workflow'
end as problem
from (select 1 as one) as always
left join (
    select
        e."execution_id" as execution_id,
        e."status_after" as status,
        e."message" as message,
        datediff(hour, e."event_time", current_timestamp()) as hours,
        e."event_time" >= dateadd(hour, -{{ within_hours }}, current_timestamp()) as is_recent
    from {{ events }} as e
    inner join (
        select
            c."execution_id" as execution_id,
            max(c."event_time") over (partition by c."invocation_id") as run_started_at
        from {{ events }} as c
        where
            c."event" = 'claimed'
            and c."policy_data":policy_name::varchar = {{ name }}
    ) as claimed
        on e."execution_id" = claimed.execution_id
    where e."event" <> 'superseded'
    qualify
        row_number() over (partition by e."execution_id" order by e."sequence" desc) = 1
        and e."event" <> 'cancelled'
    order by
        claimed.run_started_at desc,
        case when e."status_after" = 'completed' then 1 else 0 end
    limit 1
) as latest
    on always.one = 1
where
    latest.execution_id is null
    or latest.status <> 'completed'
    or not latest.is_recent
{%- endmacro %}
