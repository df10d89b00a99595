{#- The last lines of a run in which `missed` of `total` executions did not complete: at most 20 of
    `failures`, one a line, and what to do next. -#}
{% macro _fail_incomplete(missed, total, failures, next) -%}
    {{- policy_workflow._fail(missed ~ " of " ~ total ~ " execution(s) did not complete.\n  " ~ failures[:20] | join('\n  ') ~ ("\n  ... and " ~ (missed - 20) ~ " more" if missed > 20 else "") ~ "\nLook: dbt run-operation get_policy_execution_state. " ~ next) -}}
{%- endmacro %}
