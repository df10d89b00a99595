-- The events of an execution are numbered from 1 on, without a gap and without a number twice.
-- depends_on: {{ ref('policy_executions') }}
{{ config(
    enabled=policy_workflow._models_are_on() and policy_workflow._setting('policy_integrity_tests_enabled'),
    severity=policy_workflow._setting('policy_integrity_test_severity')
) }}
{{- policy_workflow._before_test() }}
select
    e."execution_id" as execution_id,
    count(*) as events,
    max(e."sequence") as last_sequence
from {{ source('policy_workflow', 'policy_execution_events') }} as e
where e."event" <> 'superseded'
group by e."execution_id"
having
    count(*) <> max(e."sequence")
    or count(distinct e."sequence") <> count(*)
