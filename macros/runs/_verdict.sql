{#- Returns nothing: logs the last line of a run, or fails the command (exit code 1). With wait=false only an
    execution that ended otherwise than completed fails the command. -#}
{% macro _verdict(run, standing, wait=true) -%}
    {%- set fine = ['completed'] if wait else ['completed', 'open', 'free', 'elsewhere'] -%}
    {%- set counts = standing.counts.items() | selectattr(0, 'in', fine) | map(attribute=1) | list -%}
    {%- set completed = standing.counts.get('completed', 0) -%}
    {%- set open = counts | sum - completed -%}
    {%- if counts | sum < standing.total -%}
        {%- set missed = policy_workflow._missed(run, fine) -%}
        {{- policy_workflow._fail(policy_workflow._missed_lines(run, missed, standing.total), bare=true) -}}
    {%- endif -%}
    {%- set of_all = completed ~ " of " ~ standing.total -%}
    {%- if open -%}
        {%- do policy_workflow._log(
            "✅ policy_workflow: " ~ open ~ " execution(s) started, " ~ of_all
            ~ " completed; to take them further: dbt run-operation advance_policy_workflow"
        ) -%}
    {%- else -%}
        {%- do policy_workflow._log("✅ policy_workflow: " ~ of_all ~ " execution(s) completed") -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns in words how one execution stands that did not complete. -#}
{% macro _standing_words(row) -%}
    {%- set words = row['status'] ~ ": " ~ row['message'] -%}
    {%- if row['standing'] == 'elsewhere' -%}
        {%- set words = "lease still held by run " ~ row['owner'] ~ " after waiting "
            ~ policy_workflow._setting('policy_wait_seconds') ~ " seconds; the lease ends at "
            ~ row['lease_expires_at'] -%}
    {%- elif row['standing'] == 'lost' -%}
        {%- set words = "never begun, and no policy of it is stored; run the command that gave it once more" -%}
    {%- elif row['standing'] == 'refused' -%}
        {%- set words = "refused: " ~ row['message'] -%}
    {%- elif row['standing'] == 'error' and row['owner'] and not row['owner'].startswith(invocation_id) -%}
        {%- set words = "error, under run " ~ row['owner'] ~ ": " ~ row['message'] -%}
    {%- endif -%}
    {{- return(words) -}}
{%- endmacro %}
