{#- Returns nothing: logs what a step came to, as the message of one execution or as counts by status. -#}
{% macro _log_step(title, answer) -%}
    {%- if answer.processed == 1 and answer.executions -%}
        {%- set seen = answer.executions[0] -%}
        {%- set result = seen.status ~ " (" ~ seen.message ~ ")" -%}
        {%- do policy_workflow._log("policy_workflow: " ~ title ~ ": " ~ result) -%}
    {%- elif answer.processed > 0 -%}
        {%- set counts = [] -%}
        {%- for status, count in answer.counts | dictsort -%}
            {%- do counts.append(count ~ " " ~ status) -%}
        {%- endfor -%}
        {%- do policy_workflow._log("policy_workflow: " ~ title ~ ": " ~ counts | join(', ')) -%}
    {%- endif -%}
{%- endmacro %}
