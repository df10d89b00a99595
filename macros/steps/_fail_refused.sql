{#- Ends the command where step 1 sent nothing: an execution_id exists with another policy, and both are
    shown; or the relation `policies_from` is no list of policies, and its rows are. -#}
{% macro _fail_refused(answer, policies_from) -%}
    {%- if answer.source_problem -%}
        {{- policy_workflow._fail("policies_from " ~ policies_from ~ " cannot be used: " ~ answer.source_problem ~ ". Nothing was sent. The procedures read it as their owner: grant select on it, and usage on its schema and database, to role " ~ policy_workflow._setting('policy_workflow_deployer_role')) -}}
    {%- endif -%}
    {%- if answer.invalid -%}
        {%- set problems = [] -%}
        {%- for row in answer.invalid_rows -%}{%- do problems.append("row " ~ row.row ~ " (" ~ row.about ~ "): " ~ row.problem) -%}{%- endfor -%}
        {{- policy_workflow._fail(answer.invalid ~ " of " ~ answer.total ~ " rows of " ~ policies_from ~ " are no policies. Nothing was sent.\n  " ~ problems | join('\n  ') ~ ("\n  ... and " ~ (answer.invalid - problems | length) ~ " more" if answer.invalid > problems | length else "")) -}}
    {%- endif -%}
    {%- if answer.refused -%}
        {%- set refused = answer.refused[0] -%}
        {{- policy_workflow._fail("execution " ~ refused.execution_id ~ " exists with another policy_data (" ~ answer.refusals ~ " such). Nothing was sent. Stored: " ~ tojson(refused.stored)[:1000] ~ " Given: " ~ tojson(refused.given)[:1000] ~ " Use the stored policy_data to resume it, or another execution_id") -}}
    {%- endif -%}
{%- endmacro %}
