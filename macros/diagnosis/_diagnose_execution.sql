{#- The story of one execution. -#}

{#- Returns the events of an execution in order, each a mapping; adds how the execution stands. The result is the
    same before and after retention has removed the execution's row from the state table. -#}
{% macro _diagnose_execution(findings, execution_id) -%}
    {%- set statement -%}
select
    to_varchar(convert_timezone('UTC', e."event_time"), 'YYYY-MM-DD HH24:MI:SS.FF3') as event_time,
    datediff(millisecond, min(e."event_time") over (), e."event_time") / 1000 as seconds,
    e."sequence" as sequence,
    e."event" as event,
    e."step" as step,
    e."attempt" as attempt,
    e."status_before" as status_before,
    e."status_after" as status_after,
    e."http_method" as http_method,
    e."url" as url,
    e."http_status" as http_status,
    e."requests_sent" as requests_sent,
    e."duration_ms" as duration_ms,
    e."outcome" as outcome,
    {{ policy_workflow._failure_cause_sql('e') | indent(4) }} as cause,
    e."message" as message,
    e."invocation_id" as invocation_id,
    e."response"::varchar as response,
    {{ policy_workflow._policy_name_sql('e."policy_data"') }} as policy_name
from {{ policy_workflow._relation_name('policy_execution_events') }} as e
where e."execution_id" = {{ policy_workflow._sql_literal(execution_id) }}
order by
    e."sequence",
    e."event_time"
    {%- endset -%}
    {%- set story = [] -%}
    {%- set state = namespace(last=none) -%}
    {%- for row in run_query(statement).rows -%}
        {%- set event = {} -%}
        {%- for name, value in row.items() -%}
            {%- if value is none or value is string -%}
                {%- do event.update({name | lower: value}) -%}
            {%- else -%}
                {%- do event.update({name | lower: value | float if name == 'SECONDS' else value | int}) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do story.append(event) -%}
        {%- if event.event != 'superseded' -%}{%- set state.last = event -%}{%- endif -%}
    {%- endfor -%}
    {%- if story -%}
        {%- do policy_workflow._diagnose_last_event(findings, execution_id, state.last) -%}
    {%- else -%}
        {%- set values = {'execution_id': execution_id, 'schema': policy_workflow._schema_name()} -%}
        {%- do policy_workflow._add_finding(findings, 'no_such_execution', values) -%}
    {%- endif -%}
    {{- return(story) -}}
{%- endmacro %}

{#- Returns nothing: adds how an execution stands, by its last event. -#}
{% macro _diagnose_last_event(findings, execution_id, last) -%}
    {%- set values = {'execution_id': execution_id, 'status': last.status_after} -%}
    {%- if last.status_after == 'completed' -%}
        {%- do policy_workflow._add_finding(findings, 'execution', dict(values, words="completed")) -%}
    {%- elif last.event == 'cancelled' -%}
        {%- do policy_workflow._add_finding(findings, 'execution', dict(values, words=last.message)) -%}
    {%- elif last.status_after == 'error' -%}
        {%- set cause = policy_workflow._failure_cause({'cause': last.cause}) -%}
        {%- set retry = "dbt run-operation retry_policy_workflow --args '{execution_id: " ~ execution_id ~ "}'" -%}
        {%- do policy_workflow._add_finding(findings, 'execution_failed', {
            'execution_id': execution_id,
            'cause': cause.name,
            'says': cause.says,
            'remedy': policy_workflow._remedy(cause, retry, execution_id, last.message)
        }) -%}
    {%- else -%}
        {%- set lease = policy_workflow._live_lease(execution_id) -%}
        {%- set text = 'execution_leased' if lease else 'execution_left' -%}
        {%- do policy_workflow._add_finding(findings, text, dict(values, lease=lease)) -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns one event as a line of the story. -#}
{% macro _story_line(event) -%}
    {%- set seconds = "+" ~ "%.3f" | format(event.seconds) ~ " s" -%}
    {%- set attempt = " " ~ event.attempt if event.event == 'poll_policy_status' else "" -%}
    {%- set parts = [event.event_time[:23], seconds, event.event ~ attempt] -%}
    {%- if event.status_after and event.status_before != event.status_after -%}
        {%- set before = event.status_before ~ " → " if event.status_before else "" -%}
        {%- do parts.append(before ~ event.status_after) -%}
    {%- endif -%}
    {%- if event.http_method -%}
        {%- set answer = "HTTP " ~ event.http_status if event.http_status else "no answer" -%}
        {%- set sent = ", " ~ event.requests_sent ~ " requests" if event.requests_sent > 1 else "" -%}
        {%- set request = event.http_method ~ " " ~ event.url -%}
        {%- do parts.append(request ~ " " ~ answer ~ " in " ~ event.duration_ms ~ " ms" ~ sent) -%}
    {%- endif -%}
    {%- do parts.append(event.message or '') -%}
    {%- if event.event in ('claimed', 'resumed', 'cancelled') -%}
        {%- do parts.append("run " ~ event.invocation_id) -%}
    {%- endif -%}
    {{- return(parts | select | join("  ")) -}}
{%- endmacro %}
