{#- The last line: what the run came to. Anything but completed fails the command (exit code 1); with
    wait=false only what has ended otherwise does. -#}
{% macro _verdict(run, standing, wait=true) -%}
    {%- set completed = standing.counts.get('completed', 0) -%}
    {%- set open = 0 if wait else standing.counts.get('open', 0) + standing.counts.get('free', 0) + standing.counts.get('elsewhere', 0) -%}
    {%- if completed + open < standing.total -%}
        {%- do policy_workflow._fail_not_completed(run, standing, ['completed'] if wait else ['completed', 'open', 'free', 'elsewhere']) -%}
    {%- endif -%}
    {%- if open -%}
        {%- do policy_workflow._log("✅ policy_workflow: " ~ open ~ " execution(s) started, " ~ completed ~ " of " ~ standing.total ~ " completed; to take them further: dbt run-operation advance_policy_workflow") -%}
    {%- else -%}
        {%- do policy_workflow._log("✅ policy_workflow: " ~ completed ~ " of " ~ standing.total ~ " execution(s) completed") -%}
    {%- endif -%}
{%- endmacro %}
