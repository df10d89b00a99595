{#- The seed's four lines for one execution, each from the tables; what is still to come has a sign of
    its own. -#}
{% macro _report_execution(row) -%}
    {%- set created = row['policy_id'] is not none -%}
    {%- set ready = row['is_confirmed'] -%}
    {%- set triggered = row['is_triggered'] -%}
    {%- set no = "❌" if row['status'] in ('completed', 'error') else "⏳" -%}
    {%- set completed = row['status'] == 'completed' and triggered -%}
    {%- do policy_workflow._log([
        "Execution " ~ row['execution_id'] ~ ":",
        ("✅ Step 1: Policy created and stored in state table (policy_id " ~ row['policy_id'] ~ ")") if created else no ~ " Step 1: Policy not created",
        ("✅ Step 2: Policy status confirmed as success/ready (" ~ row['poll_count'] ~ " poll(s))") if ready else no ~ " Step 2: Policy status not confirmed (" ~ row['poll_count'] ~ " poll(s))",
        "✅ Step 3: Circuit breaker triggered successfully" if triggered else no ~ " Step 3: Circuit breaker not triggered" ~ (" (a request was started)" if row['is_initiated'] else ""),
        ("✅" if completed else no) ~ " Final status: " ~ row['status'] ~ " with circuit_breaker_completed = " ~ (triggered | string | upper)
    ]) -%}
{%- endmacro %}
