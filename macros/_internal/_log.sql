{#- The only macro that logs for people: a text is one line, a list of texts one line each. -#}
{% macro _log(lines) -%}
    {%- for line in ([lines] if lines is string else lines) -%}
        {%- do log(policy_workflow._line(line), info=true) -%}
    {%- endfor -%}
{%- endmacro %}
