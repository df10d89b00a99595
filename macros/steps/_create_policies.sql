{#- Step 1. An execution_id that exists with another policy is refused, showing both; a relation that is no
    list of policies, showing its rows. Returns the procedure's answer. -#}
{% macro _create_policies(selection) -%}
    {%- set answer = policy_workflow._call_procedure('create_policy', dict(selection.create, invocation_id=selection.driver)) -%}
    {%- if answer.source_problem -%}
        {{- policy_workflow._fail("policies_from " ~ selection.create.policies_from ~ " cannot be used: " ~ answer.source_problem ~ ". Nothing was sent. The procedures read it as their owner: grant select on it, and usage on its schema and database, to role " ~ policy_workflow._setting('policy_workflow_deployer_role')) -}}
    {%- endif -%}
    {%- if answer.invalid -%}
        {%- set problems = [] -%}
        {%- for row in answer.invalid_rows -%}{%- do problems.append("row " ~ row.row ~ " (" ~ row.about ~ "): " ~ row.problem) -%}{%- endfor -%}
        {{- policy_workflow._fail(answer.invalid ~ " of " ~ answer.total ~ " rows of " ~ selection.create.policies_from ~ " are no policies. Nothing was sent.\n  " ~ problems | join('\n  ') ~ ("\n  ... and " ~ (answer.invalid - problems | length) ~ " more" if answer.invalid > problems | length else "")) -}}
    {%- endif -%}
    {%- if answer.cleaned -%}
        {%- do log("policy_workflow: removed " ~ answer.cleaned ~ " finished execution(s) past their retention", info=true) -%}
    {%- endif -%}
    {%- if answer.refused -%}
        {%- set refused = answer.refused[0] -%}
        {{- policy_workflow._fail("execution " ~ refused.execution_id ~ " exists with another policy_data (" ~ answer.refusals ~ " such). Nothing was sent. Stored: " ~ tojson(refused.stored)[:1000] ~ " Given: " ~ tojson(refused.given)[:1000] ~ " Use the stored policy_data to resume it, or another execution_id") -}}
    {%- endif -%}
    {%- do policy_workflow._log_step("Step 1: create policy", answer) -%}
    {%- if answer.unknown -%}
        {{- policy_workflow._fail("there is no execution " ~ answer.unknown[0] ~ " to take up. Look: dbt run-operation get_policy_execution_state") -}}
    {%- endif -%}
    {%- if answer.standing and answer.standing.completed.count -%}
        {%- do log("policy_workflow: " ~ answer.standing.completed.count ~ " execution(s) were completed before; nothing is sent for them", info=true) -%}
    {%- endif -%}
    {{- return(answer) -}}
{%- endmacro %}
