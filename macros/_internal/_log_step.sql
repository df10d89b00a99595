{#- Logs what a step came to: the message of one execution, counts per status for many. -#}
{% macro _log_step(title, answer) -%}
    {%- if answer.processed == 1 and answer.executions -%}
        {%- set seen = answer.executions[0] -%}
        {%- do policy_workflow._log("policy_workflow: " ~ title ~ ": " ~ seen.status ~ " (" ~ seen.message ~ ")") -%}
    {%- elif answer.processed > 0 -%}
        {%- set counts = [] -%}
        {%- for status, count in answer.counts | dictsort -%}{%- do counts.append(count ~ " " ~ status) -%}{%- endfor -%}
        {%- do policy_workflow._log("policy_workflow: " ~ title ~ ": " ~ counts | join(', ')) -%}
    {%- endif -%}
{%- endmacro %}
