{#- The GRANT statement of one grant. -#}
{% macro _grant_sql(grant) -%}
    {{- return('grant ' ~ grant.right ~ ' on ' ~ grant.kind ~ ' ' ~ grant.name ~ ' to role ' ~ grant.role) -}}
{%- endmacro %}
