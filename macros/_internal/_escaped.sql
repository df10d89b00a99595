{#- A text with what is `hidden` in it written as JSON does, and the commands of CI systems broken up:
    '##[' and its like anywhere, '::' at the beginning. -#}
{% macro _escaped(text, hidden) -%}
    {%- set shown = namespace(text=text) -%}
    {%- for character in modules.re.findall(hidden, text) | unique -%}
        {%- set escape = tojson(character)[1:-1] -%}
        {#- Some of them dbt 2.0 leaves as they are. -#}
        {%- set shown.text = shown.text.replace(character, escape if escape != character else '\\ufffd') -%}
    {%- endfor -%}
    {%- set shown.text = shown.text.replace('##', '#\\u0023') -%}
    {{- return(shown.text.replace('::', '\\u003a:', 1) if shown.text.lstrip().startswith('::') else shown.text) -}}
{%- endmacro %}
