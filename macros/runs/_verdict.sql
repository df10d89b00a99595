{#- Returns nothing: logs the last line of a run, or fails the command (exit code 1). With wait=false only an
    execution that ended otherwise than completed fails the command. -#}
{% macro _verdict(run, standing, wait=true) -%}
    {%- set fine = ['completed'] if wait else ['completed', 'open', 'free', 'elsewhere'] -%}
    {%- set counts = standing.counts.items() | selectattr(0, 'in', fine) | map(attribute=1) | list -%}
    {%- set completed = standing.counts.get('completed', 0) -%}
    {%- set open = counts | sum - completed -%}
    {%- if counts | sum < standing.total -%}
        {%- do policy_workflow._fail_not_completed(run, standing, fine, standing.total - counts | sum) -%}
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

{#- Returns nothing: ends the command with how the executions of a run stand, but for those of the kinds in
    `fine`, and with the command that continues. `missed` is how many there are; the message lists at
    most 20 of them. -#}
{% macro _fail_not_completed(run, standing, fine, missed) -%}
    {%- set rows = standing.rows | rejectattr('standing', 'in', fine) | list -%}
    {%- set lines = [missed ~ " of " ~ standing.total ~ " execution(s) did not complete."] -%}
    {%- for row in rows[:20] -%}
        {%- do lines.append("  " ~ row['execution_id'] ~ ": " ~ policy_workflow._standing_words(row)) -%}
    {%- endfor -%}
    {%- if missed > 20 -%}{%- do lines.append("  ... and " ~ (missed - 20) ~ " more") -%}{%- endif -%}
    {%- if standing.total == 1 -%}
        {%- set which = "--args '{execution_id: " ~ rows[0]['execution_id'] ~ "}'" -%}
    {%- else -%}
        {%- set which = "--args '{run: " ~ run ~ "}'" -%}
    {%- endif -%}
    {%- if rows | rejectattr('standing', 'in', ['cancelled', 'refused', 'lost']) | list -%}
        {%- set retry = "dbt run-operation retry_policy_workflow " ~ which -%}
        {%- set next = "When the cause is mended, to go on where they stopped: " ~ retry -%}
    {%- else -%}
        {%- set next = "Nothing of these can be gone on with" -%}
    {%- endif -%}
    {%- do lines.append("Why, and what to do: dbt run-operation diagnose_policy_execution " ~ which ~ ". " ~ next) -%}
    {{- policy_workflow._fail(lines) -}}
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
