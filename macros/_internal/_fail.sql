{#- Returns nothing: ends the command with exit code 1 and one message. A text is one line of the message, a
    list of texts is one line each. No line may begin with a value that data gave. dbt writes the macros that
    it was in below the message; with `bare` it does not, where it knows how, so that the message's last line
    is the last line of the command. -#}
{% macro _fail(message, bare=false) -%}
    {%- set lines = [] -%}
    {%- for line in ([message] if message is string else message) -%}
        {%- do lines.append(policy_workflow._line(line)) -%}
    {%- endfor -%}
    {%- set text = policy_workflow._line("❌ policy_workflow: ") ~ lines | join('\n') -%}
    {%- if bare and exceptions.raise_fail_fast_error is defined -%}
        {{- exceptions.raise_fail_fast_error(text) -}}
    {%- endif -%}
    {{- exceptions.raise_compiler_error(text) -}}
{%- endmacro %}
