{#- Adds what a check found: level is ok, warn, error, or skipped (this role cannot see it); `next` is the
    command or SQL that mends it. -#}
{% macro _add_finding(findings, check, level, says, next=none) -%}
    {%- do findings.append({'check': check, 'level': level, 'says': says, 'next': next}) -%}
{%- endmacro %}
