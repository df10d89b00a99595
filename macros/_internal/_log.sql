{#- Returns nothing: logs for people. A text is one line, a list of texts is one line each. The only macro
    that logs. -#}
{% macro _log(lines) -%}
    {%- for line in ([lines] if lines is string else lines) -%}
        {%- do log(policy_workflow._line(line), info=true) -%}
    {%- endfor -%}
{%- endmacro %}
