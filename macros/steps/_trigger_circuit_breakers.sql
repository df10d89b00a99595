{#- Step 3: for those of a run that the table says are ready. -#}
{% macro _trigger_circuit_breakers(run) -%}
    {%- set answer = policy_workflow._call_procedure('trigger_circuit_breaker', {'invocation_id': run}) -%}
    {%- do policy_workflow._log_step("Step 3: trigger circuit breaker", answer) -%}
{%- endmacro %}
