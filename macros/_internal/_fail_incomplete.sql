{#- The last lines of a run in which `missed` of `total` executions did not complete: at most 20 of
    `failures`, one a line, and what to do next. -#}
{% macro _fail_incomplete(missed, total, failures, next) -%}
    {%- set lines = [missed ~ " of " ~ total ~ " execution(s) did not complete."] -%}
    {%- for failure in failures[:20] -%}{%- do lines.append("  " ~ failure) -%}{%- endfor -%}
    {%- if missed > 20 -%}{%- do lines.append("  ... and " ~ (missed - 20) ~ " more") -%}{%- endif -%}
    {%- do lines.append("Look: dbt run-operation get_policy_execution_state. " ~ next) -%}
    {{- policy_workflow._fail(lines) -}}
{%- endmacro %}
