{#- The body of all procedures, with the settings of the vars in it. -#}
{% macro _body_with_settings() -%}
    {%- set body = policy_workflow._procedure_body(policy_workflow._procedure_settings()) -%}
    {%- if '$$' in body -%}
        {{- policy_workflow._fail("a var that is baked into the procedures holds $$, which would end their body") -}}
    {%- endif -%}
    {{- return(body) -}}
{%- endmacro %}
