{#- Returns nothing: logs what a step came to, in one line: of one execution the seed's confirmation, or what
    happened; of more, counts by status. -#}
{% macro _log_step(title, answer) -%}
    {%- if answer.processed == 1 and answer.executions -%}
        {%- set seen = answer.executions[0] -%}
        {%- do policy_workflow._log(policy_workflow._step_line(title, seen)) -%}
    {%- elif answer.processed > 0 -%}
        {%- do policy_workflow._log(
            "policy_workflow: " ~ title ~ ": " ~ policy_workflow._counts_by_status(answer)
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns the counts by status of a procedure's answer, in words. -#}
{% macro _counts_by_status(answer) -%}
    {%- set counts = [] -%}
    {%- for status, count in answer.counts | dictsort -%}
        {%- do counts.append(count ~ " " ~ status) -%}
    {%- endfor -%}
    {{- return(counts | join(', ')) -}}
{%- endmacro %}

{#- Returns the line on what a step came to for one execution, from the procedure's answer. A failure is told in
    full by the run's last lines, so that its line here has no message. -#}
{% macro _step_line(title, seen) -%}
    {%- set named = policy_workflow._named(seen.get('policy_name'), seen.execution_id) -%}
    {%- set done = {'policy_created': 'Step 1', 'policy_ready': 'Step 2', 'completed': 'Step 3'}.get(seen.status) -%}
    {%- set step = title.split(':')[0] -%}
    {%- if step in ('Step 1', 'Step 2', 'Step 3') and (step == done or seen.status == 'error') -%}
        {%- set line = policy_workflow._confirmations({
            'status': seen.status,
            'policy_id': seen.get('policy_id') if step != 'Step 1' or step == done else none,
            'poll_count': seen.attempt,
            'is_confirmed': step == done,
            'is_triggered': step == done and not policy_workflow._is_without_breaker(),
            'is_initiated': seen.status == 'error'
        })[step[-1] | int - 1] ~ ": " ~ named -%}
    {%- else -%}
        {%- set line = "policy_workflow: " ~ title ~ ": " ~ named ~ ": " ~ seen.status ~ " (" ~ seen.message ~ ")" -%}
    {%- endif -%}
    {{- return(line) -}}
{%- endmacro %}

{#- Returns whether the API has no circuit breaker. -#}
{% macro _is_without_breaker() -%}
    {{- return((policy_workflow._setting('policy_api') or {}).get('trigger') == 'none') -}}
{%- endmacro %}
