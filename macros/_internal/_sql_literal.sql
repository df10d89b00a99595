{#- The only place where a value meets SQL text: backslash first, then the quote (facts, 9.1). -#}
{% macro _sql_literal(text) -%}
    {{- return("'" ~ (text | string).replace("\\", "\\\\").replace("'", "''") ~ "'") -}}
{%- endmacro %}
