{#- A step is called until it is done: each CALL works for about policy_call_seconds, so that progress is seen
    and no statement timeout bounds the number of policies. -#}

{#- Returns what all calls of a step came to, as one answer (see the procedures). Logs the progress between two
    calls, and the result. `total` is how many executions the step has, or none for the total of its first
    answer; `more` is what a further call asks for in addition. -#}
{% macro _call_step(title, name, request, total=none, more={}) -%}
    {%- set began = policy_workflow._now() -%}
    {%- set first = policy_workflow._call_procedure(name, request) -%}
    {%- set whole = namespace(answer=first) -%}
    {%- if first.more -%}
        {#- A call that answers the total has also claimed the executions: its time says nothing of the rest. -#}
        {%- set has_claimed = total is none -%}
        {%- set total = first.total if has_claimed else total -%}
        {%- set whole.second = policy_workflow._now() -%}
        {#- Each call sends one request at least, but for a last one that finds nothing left. -#}
        {%- for number in range(2 * total + 2) -%}
            {%- if whole.answer.more -%}
                {%- set since = whole.second if number else began -%}
                {%- set done = whole.answer.processed - (first.processed if number else 0) -%}
                {%- set pace = done / [policy_workflow._seconds_since(since), 0.001] | max -%}
                {%- set pace = none if has_claimed and not number else pace -%}
                {%- do policy_workflow._log_progress(title, whole.answer, total, pace) -%}
                {%- do policy_workflow._wait(whole.answer.rest_seconds) -%}
                {%- set asked = dict(request, failed_in_row=whole.answer.failed_in_row, **more) -%}
                {%- if first.round -%}{%- do asked.update({'round': first.round}) -%}{%- endif -%}
                {%- set next = policy_workflow._call_procedure(name, asked) -%}
                {%- set whole.answer = policy_workflow._both_answers(whole.answer, next) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if whole.answer.secret_problem -%}
        {%- set run = none if whole.answer is sameas first and name == 'create_policy' else request.invocation_id -%}
        {%- do policy_workflow._fail_secret(whole.answer.secret_problem, run) -%}
    {%- endif -%}
    {{- return(whole.answer) -}}
{%- endmacro %}

{#- Returns what two calls of a step came to: numbers are added, and what the second says last counts. -#}
{% macro _both_answers(first, second) -%}
    {%- set both = dict(first, **second) -%}
    {%- for name in ['processed', 'to_poll', 'open', 'ready'] if name in first or name in second -%}
        {%- do both.update({name: first.get(name, 0) + second.get(name, 0)}) -%}
    {%- endfor -%}
    {%- set counts = dict(first.counts) -%}
    {%- for status, count in second.counts.items() -%}
        {%- do counts.update({status: counts.get(status, 0) + count}) -%}
    {%- endfor -%}
    {%- do both.update({
        'counts': counts,
        'executions': (first.executions + second.executions)[:20],
        'more': second.more
    }) -%}
    {{- return(both) -}}
{%- endmacro %}

{#- Returns nothing: logs how far a step is. `pace` is how many executions are done in a second, or none where
    that is not known. -#}
{% macro _log_progress(title, answer, total, pace) -%}
    {%- set left = [total - answer.processed, 0] | max -%}
    {%- set rest = "no estimate yet" -%}
    {%- if pace -%}
        {%- set seconds = (left / pace) | round | int -%}
        {%- set rest = pace | round(1) ~ " a second, about " ~ seconds ~ " seconds left" -%}
    {%- endif -%}
    {%- do policy_workflow._log(
        "policy_workflow: " ~ title ~ ": " ~ answer.processed ~ " of " ~ total ~ " ("
        ~ policy_workflow._counts_by_status(answer) ~ "), " ~ rest
    ) -%}
{%- endmacro %}
