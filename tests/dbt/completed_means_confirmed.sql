-- No execution is completed without a confirmed circuit breaker: neither its row nor its events say so. The
-- API confirms, or a person who saw at the API that the circuit breaker is triggered.
-- Where the API has none, an event says that none was asked for, and the flags of the breaker are false.
-- depends_on: {{ ref('policy_executions') }}
{{ config(
    enabled=policy_workflow._models_are_on() and policy_workflow._setting('policy_integrity_tests_enabled'),
    severity=policy_workflow._setting('policy_integrity_test_severity')
) }}
{{- policy_workflow._before_test() }}
with without_breaker as (

    select distinct e."execution_id" as execution_id
    from {{ source('policy_workflow', 'policy_execution_events') }} as e
    where e."event" = 'no_circuit_breaker'

)

select s."execution_id" as execution_id
from {{ source('policy_workflow', 'policy_execution_state') }} as s
left join without_breaker
    on s."execution_id" = without_breaker.execution_id
where
    s."status" = 'completed'
    and not (
        coalesce(s."completed", false)
        and coalesce(s."circuit_breaker_completed", false) = (without_breaker.execution_id is null)
        and (
            without_breaker.execution_id is null
            or not coalesce(s."requires_circuit_breaker", false)
            and not coalesce(s."circuit_breaker_initiated", false)
        )
    )
union all
select e."execution_id" as execution_id
from {{ source('policy_workflow', 'policy_execution_events') }} as e
where
    e."status_after" = 'completed'
    and e."event" not in ('no_circuit_breaker', 'trigger_confirmed')
    and (
        e."event" <> 'trigger_circuit_breaker'
        or e."outcome" is distinct from 'triggered'
    )
