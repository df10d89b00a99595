{#- Returns a text in which every character that the pattern `hidden` matches is written as JSON writes the
    character, and in which the commands of CI systems are broken up: '##[' and similar ones anywhere, '::'
    at the beginning. -#}
{% macro _escaped(text, hidden) -%}
    {%- set shown = namespace(text=text) -%}
    {%- for character in modules.re.findall(hidden, text) | unique -%}
        {%- set escape = tojson(character)[1:-1] -%}
        {#- dbt 2.0 leaves some of these characters as they are. -#}
        {%- set shown.text = shown.text.replace(character, escape if escape != character else '\\ufffd') -%}
    {%- endfor -%}
    {%- set line = shown.text.replace('##', '#\\u0023') -%}
    {{- return(line.replace('::', '\\u003a:', 1) if line.lstrip().startswith('::') else line) -}}
{%- endmacro %}
