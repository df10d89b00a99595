{#- Returns the answer of step 1. Creates, polls and triggers, for what `request` asks for (see
    _create_policies). Step 1 answers whether there is anything to poll or to trigger; step 3 is for what
    the table then has as ready. With wait=false each execution is polled once, and given up when it is
    not ready. -#}
{% macro _run_steps(run, request, wait=true) -%}
    {%- set answer = policy_workflow._create_policies(run, request) -%}
    {%- if answer.to_poll -%}
        {%- do policy_workflow._poll_policies(run, wait) -%}
    {%- endif -%}
    {%- if answer.to_poll or answer.to_trigger -%}
        {%- if policy_workflow._count_by_status(run).policy_ready -%}
            {%- set triggered = policy_workflow._call_procedure('trigger_circuit_breaker', {'invocation_id': run}) -%}
            {%- do policy_workflow._log_step("Step 3: trigger circuit breaker", triggered) -%}
        {%- endif -%}
    {%- endif -%}
    {{- return(answer) -}}
{%- endmacro %}
