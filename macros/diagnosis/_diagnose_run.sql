{#- What the executions of a run failed of: by cause, with a count, an example and the remedy; and how the
    others stand that did not complete. -#}
{% macro _diagnose_run(findings, run) -%}
    {%- set retry = "dbt run-operation retry_policy_workflow --args '{run: " ~ run ~ "}'" -%}
    {%- set table = policy_workflow._relation_name('policy_execution_runs') -%}
    {%- if policy_workflow._found_columns()['policy_execution_runs'] is none -%}
        {{- policy_workflow._fail(table ~ " does not exist, or role " ~ target.role ~ " may not see it. dbt run-operation deploy_policy_workflow; or: grant select on table " ~ table ~ " to role " ~ target.role) -}}
    {%- endif -%}
    {%- set standing = policy_workflow._standing(run) -%}
    {%- if not standing.total -%}
        {%- do policy_workflow._add_finding(findings, run, 'error', "there is no such run in " ~ policy_workflow._relation_name('policy_execution_runs'), "dbt run-operation get_policy_execution_state") -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'completed', 'ok', standing.counts.get('completed', 0) ~ " of " ~ standing.total ~ " execution(s)") -%}
    {%- endif -%}
    {%- do policy_workflow._add_causes(findings, policy_workflow._run_events_sql(run), 'error') -%}
    {%- set others = {'cancelled': 'ok', 'refused': 'error', 'lost': 'error', 'open': 'ok', 'elsewhere': 'ok', 'free': 'warn'} -%}
    {%- for row in standing.rows -%}
        {%- if row['standing'] in others and row['standing'] not in (findings | map(attribute='check')) -%}
            {%- do policy_workflow._add_finding(findings, row['standing'], others[row['standing']], standing.counts[row['standing']] ~ " execution(s), such as " ~ row['execution_id'] ~ ": " ~ policy_workflow._standing_words(row), retry if row['standing'] == 'free' else none) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
