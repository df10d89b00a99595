{#- Step 3: for those that the table says are ready. -#}
{% macro _trigger_circuit_breakers(execution_ids) -%}
    {%- set answer = policy_workflow._call_procedure('trigger_circuit_breaker', {'invocation_id': invocation_id, 'execution_ids': execution_ids}) -%}
    {%- do policy_workflow._log_step("Step 3: trigger circuit breaker", answer) -%}
{%- endmacro %}
