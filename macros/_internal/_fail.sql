{#- Ends the command with exit code 1 and one message. -#}
{% macro _fail(message) -%}
    {{- exceptions.raise_compiler_error("❌ policy_workflow: " ~ message) -}}
{%- endmacro %}
