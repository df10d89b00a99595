{#- Ends a run with how its executions stand, but for those of the kinds in `fine`, and with the command
    that goes on. Lists at most 20. -#}
{% macro _fail_not_completed(run, standing, fine) -%}
    {%- set missed = standing.total - (standing.counts.items() | selectattr(0, 'in', fine) | map(attribute=1) | sum) -%}
    {%- set rows = standing.rows | rejectattr('standing', 'in', fine) | list -%}
    {%- set lines = [missed ~ " of " ~ standing.total ~ " execution(s) did not complete."] -%}
    {%- for row in rows[:20] -%}
        {%- do lines.append("  " ~ row['execution_id'] ~ ": " ~ policy_workflow._standing_words(row)) -%}
    {%- endfor -%}
    {%- if missed > 20 -%}{%- do lines.append("  ... and " ~ (missed - 20) ~ " more") -%}{%- endif -%}
    {%- set going_on = rows | rejectattr('standing', 'in', ['cancelled', 'refused', 'lost']) | list -%}
    {%- set which = "{execution_id: " ~ rows[0]['execution_id'] ~ "}" if standing.total == 1 else "{run: " ~ run ~ "}" -%}
    {%- set look = "Why, and what to do: dbt run-operation diagnose_policy_execution --args '" ~ which ~ "'. " -%}
    {%- do lines.append(look ~ ("When the cause is mended, to go on where they stopped: dbt run-operation retry_policy_workflow --args '" ~ which ~ "'" if going_on else "Nothing of these can be gone on with")) -%}
    {{- policy_workflow._fail(lines) -}}
{%- endmacro %}
