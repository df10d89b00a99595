{#- Returns the answer of step 1. Creates, polls and triggers, for what `request` asks for (see
    _create_policies). Step 1 answers whether there is anything to poll or to trigger. With wait=false each
    execution is polled once, and given up when it is not ready. `api_breaker` of the answer is the breaker of
    the API that has stopped one of the steps, if one has. -#}
{% macro _run_steps(run, request, wait=true) -%}
    {%- set answer = policy_workflow._create_policies(run, request) -%}
    {%- set seen = namespace(breaker=answer.api_breaker) -%}
    {%- if answer.to_trigger -%}
        {%- set seen.breaker = policy_workflow._trigger_circuit_breakers(run) or seen.breaker -%}
    {%- endif -%}
    {%- if answer.to_poll -%}
        {%- set seen.breaker = policy_workflow._poll_policies(run, wait, answer.to_poll) or seen.breaker -%}
    {%- endif -%}
    {{- return(dict(answer, api_breaker=seen.breaker)) -}}
{%- endmacro %}
