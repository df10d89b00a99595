{#- Returns a value as a literal of SQL: the backslash is doubled first, then the quote
    (docs/snowflake_facts.md#strings). Values meet SQL text in this macro only. -#}
{% macro _sql_literal(text) -%}
    {{- return("'" ~ (text | string).replace("\\", "\\\\").replace("'", "''") ~ "'") -}}
{%- endmacro %}
