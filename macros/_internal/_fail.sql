{#- Ends the command with exit code 1 and one message: a text is one line, a list of texts one line each.
    No line may begin with what data gave. -#}
{% macro _fail(message) -%}
    {%- set lines = [] -%}
    {%- for line in ([message] if message is string else message) -%}
        {%- do lines.append(policy_workflow._line(line)) -%}
    {%- endfor -%}
    {{- exceptions.raise_compiler_error(policy_workflow._line("❌ policy_workflow: ") ~ lines | join('\n')) -}}
{%- endmacro %}
