{#- Returns a text with each {name} replaced by the value of that name. A name without a value stays as it is,
    and what stands in a value is not replaced again. -#}
{% macro _filled(text, values) -%}
    {%- set parts = [] -%}
    {%- for part in modules.re.split('[{]([a-z_]+)[}]', text) -%}
        {%- set is_name = loop.index0 is odd -%}
        {%- set kept = '{' ~ part ~ '}' if is_name else part -%}
        {%- do parts.append(values[part] if is_name and part in values else kept) -%}
    {%- endfor -%}
    {{- return(parts | join) -}}
{%- endmacro %}
