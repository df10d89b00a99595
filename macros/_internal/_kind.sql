{#- Returns the kind of a value in words: of an object its keys, and never content, which may be secret. -#}
{% macro _kind(value) -%}
    {%- if value is undefined -%}
        {%- set kind = 'a value that is not defined' -%}
    {%- elif value is none -%}
        {%- set kind = 'nothing' -%}
    {%- elif value is string -%}
        {%- set half = modules.re.search('[^\\u0000-\\ud7ff\\ue000-\\U0010ffff]', value) -%}
        {%- set kind = 'a text with half of a surrogate pair' if half else 'a text' if value else 'an empty text' -%}
    {%- elif value is boolean -%}
        {%- set kind = 'a boolean' -%}
    {%- elif value is mapping -%}
        {%- set keys = (value | map('string') | join(', '))[:200] -%}
        {%- set kind = 'an object with the keys ' ~ keys if value else 'an empty object' -%}
    {%- elif value.decode is defined -%}
        {%- set kind = 'bytes' -%}
    {%- elif value.isoformat is defined -%}
        {%- set kind = 'a date' if value.year is defined else 'a time' -%}
    {%- elif value.union is defined -%}
        {%- set kind = 'a set' -%}
    {%- elif value is sequence -%}
        {%- set kind = 'a list of ' ~ value | length if value else 'an empty list' -%}
    {%- elif value is number and value != value -%}
        {%- set kind = 'NaN' -%}
    {%- elif value is float and value - value != 0 -%}
        {%- set kind = 'Infinity' -%}
    {%- elif value is integer or value is float -%}
        {%- set kind = 'a number' -%}
    {%- else -%}
        {%- set kind = 'a value of another kind' -%}
    {%- endif -%}
    {{- return(kind) -}}
{%- endmacro %}
