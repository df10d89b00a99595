{#- Prints findings for people: a sign for each, and what mends it below. -#}
{% macro _log_findings(findings) -%}
    {%- set signs = {'ok': '✅', 'warn': '⚠️ ', 'error': '❌', 'skipped': '➖'} -%}
    {%- for finding in findings -%}
        {%- do log(signs[finding.level] ~ " " ~ finding.check ~ ": " ~ finding.says, info=true) -%}
        {%- if finding.next -%}{%- do log("     next: " ~ finding.next, info=true) -%}{%- endif -%}
    {%- endfor -%}
{%- endmacro %}
