{#- The four lines of each execution of a run; for more than five a summary. -#}
{% macro _report(standing) -%}
    {%- if standing.total <= 5 -%}
        {%- for row in standing.rows -%}
            {%- if row['status'] is not none and row['standing'] != 'refused' -%}
                {%- do policy_workflow._report_execution(row) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- else -%}
        {%- do policy_workflow._log("policy_workflow: " ~ standing.counts.get('completed', 0) ~ " of " ~ standing.total ~ " executions completed") -%}
    {%- endif -%}
{%- endmacro %}
