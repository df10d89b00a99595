{#- What executions failed of in the last 24 hours and have not got over, by cause. -#}
{% macro _diagnose_failures(findings) -%}
    {%- if not policy_workflow._add_causes(findings, policy_workflow._recent_events_sql(24), 'warn') -%}
        {%- do policy_workflow._add_finding(findings, 'failures', 'ok', "none in the last 24 hours that is not mended") -%}
    {%- endif -%}
{%- endmacro %}
