{#- Step 3: for those of a selection that the table says are ready. -#}
{% macro _trigger_circuit_breakers(selection) -%}
    {%- set answer = policy_workflow._call_procedure('trigger_circuit_breaker', policy_workflow._selected(selection)) -%}
    {%- do policy_workflow._log_step("Step 3: trigger circuit breaker", answer) -%}
{%- endmacro %}
