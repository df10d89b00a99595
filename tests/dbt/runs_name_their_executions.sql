-- What a run is for is recorded with the run's id and the execution's.
-- depends_on: {{ ref('policy_executions') }}
{{ config(
    enabled=policy_workflow._models_are_on() and policy_workflow._setting('policy_integrity_tests_enabled'),
    severity=policy_workflow._setting('policy_integrity_test_severity')
) }}
{{- policy_workflow._before_test() }}
select
    r."run_id" as run_id,
    r."execution_id" as execution_id
from {{ source('policy_workflow', 'policy_execution_runs') }} as r
where
    r."run_id" is null
    or r."execution_id" is null
