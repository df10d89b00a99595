{#- Returns the breaker that has stopped step 3, or none. Triggers what the table has as ready, read in a
    statement of its own. -#}
{% macro _trigger_circuit_breakers(run) -%}
    {%- set title = "Step 3: trigger circuit breaker" -%}
    {%- set ready = policy_workflow._count_by_status(run).policy_ready -%}
    {%- set answer = {} -%}
    {%- if ready -%}
        {%- set answer = policy_workflow._call_step(
            title, 'trigger_circuit_breaker', {'invocation_id': run}, total=ready
        ) -%}
        {%- do policy_workflow._log_step(title, answer) -%}
    {%- endif -%}
    {{- return(answer.api_breaker) -}}
{%- endmacro %}
