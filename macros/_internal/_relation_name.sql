{#- The fully qualified name of one of our objects, upper-cased where the user left it unquoted. -#}
{% macro _relation_name(name) -%}
    {{- return(policy_workflow._schema_name() ~ "." ~ name) -}}
{%- endmacro %}
