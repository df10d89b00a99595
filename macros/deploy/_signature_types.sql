{#- The types in a signature as INFORMATION_SCHEMA writes it, (A VARCHAR, B NUMBER), as SHOW writes them. -#}
{% macro _signature_types(signature) -%}
    {%- set plain = modules.re.sub('[(][0-9, ]*[)]', '', signature[1:-1]) -%}
    {{- return(modules.re.findall('([A-Za-z_0-9]+)(?: DEFAULT [^,]*)?(?:,|$)', plain) | join(', ') | upper) -}}
{%- endmacro %}
