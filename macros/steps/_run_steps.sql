{#- Create, poll, trigger, for what `request` says (see _create_policies). Step 1 answers whether there is
    anything to poll or to trigger; step 3 is for what the table then says is ready. With wait=false each
    is polled once, and given up when it is not ready. Returns what step 1 answered. -#}
{% macro _run_steps(run, request, wait=true) -%}
    {%- set answer = policy_workflow._create_policies(run, request) -%}
    {%- if answer.to_poll -%}
        {%- do policy_workflow._poll_policies(run, wait) -%}
    {%- endif -%}
    {%- if answer.to_poll or answer.to_trigger -%}
        {%- if policy_workflow._count_by_status(run).policy_ready -%}
            {%- do policy_workflow._trigger_circuit_breakers(run) -%}
        {%- endif -%}
    {%- endif -%}
    {{- return(answer) -}}
{%- endmacro %}
