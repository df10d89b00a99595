{#- Returns nothing: ends the command with exit code 1 and one message. A text is one line of the message, a
    list of texts is one line each. No line may begin with a value that data gave. -#}
{% macro _fail(message) -%}
    {%- set lines = [] -%}
    {%- for line in ([message] if message is string else message) -%}
        {%- do lines.append(policy_workflow._line(line)) -%}
    {%- endfor -%}
    {{- exceptions.raise_compiler_error(policy_workflow._line("❌ policy_workflow: ") ~ lines | join('\n')) -}}
{%- endmacro %}
