{#- Returns a text with each {name} replaced by the value of that name. What stands in a value is not
    replaced again. -#}
{% macro _filled(text, values) -%}
    {%- set parts = [] -%}
    {%- for part in modules.re.split('[{]([a-z_]+)[}]', text) -%}
        {%- do parts.append(values[part] if loop.index0 is odd else part) -%}
    {%- endfor -%}
    {{- return(parts | join) -}}
{%- endmacro %}
