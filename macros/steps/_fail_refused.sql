{#- Returns nothing; ends the command where step 1 sent nothing: an execution_id exists with another policy,
    and both policies are shown; or the relation `policies_from` is no list of policies, and its rows are
    named; or what should be taken up is not there; or what a person decided does not fit. -#}
{% macro _fail_refused(answer, request) -%}
    {%- set policies_from = request.policies_from -%}
    {%- if answer.source_problem -%}
        {{- policy_workflow._fail(
            "policies_from " ~ policies_from ~ " cannot be used: " ~ answer.source_problem ~ ". Nothing was sent. The "
            ~ "procedures read it as their owner: grant select on it, and usage on its schema and database, to role "
            ~ policy_workflow._setting('policy_workflow_deployer_role')
        ) -}}
    {%- endif -%}
    {%- if answer.invalid -%}
        {%- set of_all = answer.invalid ~ " of " ~ answer.total -%}
        {%- set lines = [of_all ~ " rows of " ~ policies_from ~ " are no policies. Nothing was sent."] -%}
        {%- for row in answer.invalid_rows -%}
            {%- set execution = " (execution " ~ row.execution_id ~ ")" if row.execution_id else "" -%}
            {%- do lines.append("  row " ~ row.row ~ execution ~ ": " ~ row.problem) -%}
        {%- endfor -%}
        {%- set unlisted = answer.invalid - answer.invalid_rows | length -%}
        {%- if unlisted > 0 -%}{%- do lines.append("  ... and " ~ unlisted ~ " more") -%}{%- endif -%}
        {{- policy_workflow._fail(lines) -}}
    {%- endif -%}
    {%- if answer.unknown -%}
        {{- policy_workflow._fail(
            "there is no execution " ~ answer.unknown[0]
            ~ " to take up. Look: dbt run-operation get_policy_execution_state"
        ) -}}
    {%- endif -%}
    {%- if answer.undecidable -%}
        {%- set found = answer.undecidable[0] -%}
        {{- policy_workflow._fail(
            "execution " ~ found.execution_id ~ " cannot be decided so: " ~ found.why ~ ". Nothing was sent"
        ) -}}
    {%- endif -%}
    {%- if request.of_run and not answer.total and not answer.members -%}
        {{- policy_workflow._fail(
            "there is no run " ~ request.of_run ~ ". The last lines of a run that failed name it; so does the column "
            ~ "run_id of policy_execution_runs"
        ) -}}
    {%- endif -%}
    {%- if answer.refused -%}
        {%- set refused = answer.refused[0] -%}
        {{- policy_workflow._fail([
            "execution " ~ refused.execution_id ~ " exists with another policy_data (" ~ answer.refusals
                ~ " such). Nothing was sent.",
            "  Stored: " ~ tojson(refused.stored)[:1000],
            "  Given: " ~ tojson(refused.given)[:1000],
            "Use the stored policy_data to resume it, or another execution_id"
        ]) -}}
    {%- endif -%}
{%- endmacro %}
