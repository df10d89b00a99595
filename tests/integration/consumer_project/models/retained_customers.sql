-- Built only while the policy is in force.
{{ config(pre_hook="{{ policy_workflow.require_policy_completed('pii_retention', within_hours=24, severity=var('gate_severity', 'error')) }}") }}
select 1 as customer_id
