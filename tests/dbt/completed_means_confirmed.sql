-- No execution is completed without a confirmed circuit breaker: neither its row nor its events say so.
-- depends_on: {{ ref('policy_executions') }}
{{ config(
    enabled=policy_workflow._models_are_on() and policy_workflow._setting('policy_integrity_tests_enabled'),
    severity=policy_workflow._setting('policy_integrity_test_severity')
) }}
{{- policy_workflow._before_test() }}
select s."execution_id" as execution_id
from {{ source('policy_workflow', 'policy_execution_state') }} as s
where
    s."status" = 'completed'
    and not (
        coalesce(s."circuit_breaker_completed", false)
        and coalesce(s."completed", false)
    )
union all
select e."execution_id" as execution_id
from {{ source('policy_workflow', 'policy_execution_events') }} as e
where
    e."status_after" = 'completed'
    and (
        e."event" <> 'trigger_circuit_breaker'
        or e."outcome" is distinct from 'triggered'
    )
