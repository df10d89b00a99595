{#- Returns the answer of step 1. Runs what `request` asks for (see _create_policies) to its end, or with
    wait=false as far as it goes at once, reports it, and ends with the verdict. The run has an id; after
    step 1 the executions are found by that id only. -#}
{% macro _run_executions(request, wait=true) -%}
    {%- set run = policy_workflow._run_id() -%}
    {%- set answer = policy_workflow._run_steps(run, request, wait) -%}
    {%- if answer.total -%}
        {%- set waits = wait and not answer.api_breaker -%}
        {%- set standing = policy_workflow._wait_for_others(run) if waits else policy_workflow._standing(run) -%}
        {%- do policy_workflow._report(standing, answer) -%}
        {%- do policy_workflow._verdict(run, standing, wait or answer.api_breaker) -%}
    {%- elif request.policies_from -%}
        {%- do policy_workflow._log("✅ policy_workflow: 0 of 0 execution(s) completed") -%}
    {%- endif -%}
    {{- return(answer) -}}
{%- endmacro %}
