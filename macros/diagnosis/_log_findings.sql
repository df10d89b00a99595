{#- Prints findings for people: a sign for each, and what mends it below. -#}
{% macro _log_findings(findings) -%}
    {%- set signs = {'ok': '✅', 'warn': '⚠️ ', 'error': '❌', 'skipped': '➖'} -%}
    {%- for finding in findings -%}
        {%- do policy_workflow._log(signs[finding.level] ~ " " ~ finding.check ~ ": " ~ finding.says) -%}
        {%- if finding.next -%}{%- do policy_workflow._log("     next: " ~ finding.next) -%}{%- endif -%}
    {%- endfor -%}
{%- endmacro %}
