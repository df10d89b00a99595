{#- Ends the command where step 1 sent nothing: an execution_id exists with another policy, and both are
    shown; or the relation `policies_from` is no list of policies, and its rows are named. -#}
{% macro _fail_refused(answer, policies_from) -%}
    {%- if answer.source_problem -%}
        {{- policy_workflow._fail("policies_from " ~ policies_from ~ " cannot be used: " ~ answer.source_problem ~ ". Nothing was sent. The procedures read it as their owner: grant select on it, and usage on its schema and database, to role " ~ policy_workflow._setting('policy_workflow_deployer_role')) -}}
    {%- endif -%}
    {%- if answer.invalid -%}
        {%- set lines = [answer.invalid ~ " of " ~ answer.total ~ " rows of " ~ policies_from ~ " are no policies. Nothing was sent."] -%}
        {%- for row in answer.invalid_rows -%}
            {%- do lines.append("  row " ~ row.row ~ (" (execution " ~ row.execution_id ~ ")" if row.execution_id else "") ~ ": " ~ row.problem) -%}
        {%- endfor -%}
        {%- set unlisted = answer.invalid - answer.invalid_rows | length -%}
        {%- if unlisted > 0 -%}{%- do lines.append("  ... and " ~ unlisted ~ " more") -%}{%- endif -%}
        {{- policy_workflow._fail(lines) -}}
    {%- endif -%}
    {%- if answer.refused -%}
        {%- set refused = answer.refused[0] -%}
        {{- policy_workflow._fail([
            "execution " ~ refused.execution_id ~ " exists with another policy_data (" ~ answer.refusals ~ " such). Nothing was sent.",
            "  Stored: " ~ tojson(refused.stored)[:1000],
            "  Given: " ~ tojson(refused.given)[:1000],
            "Use the stored policy_data to resume it, or another execution_id"
        ]) -}}
    {%- endif -%}
{%- endmacro %}
