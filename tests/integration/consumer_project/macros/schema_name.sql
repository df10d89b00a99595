{#- Named like helpers of the package, without and with the underscore: neither disturbs the other. -#}
{% macro schema_name() -%}
    {{- return('the schema_name of the consumer') -}}
{%- endmacro %}

{% macro _schema_name() -%}
    {{- return('the _schema_name of the consumer') -}}
{%- endmacro %}

{% macro setting(name) -%}
    {{- return('the setting of the consumer') -}}
{%- endmacro %}
