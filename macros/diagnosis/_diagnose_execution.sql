{#- The story of one execution from its events, in order; answers the events. It is the same before and
    after its row left the state table. -#}
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
    e."response"::varchar as response
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
            {%- do event.update({name | lower: value if value is none or value is string else value | float if name == 'SECONDS' else value | int}) -%}
        {%- endfor -%}
        {%- do story.append(event) -%}
        {%- if event.event != 'superseded' -%}{%- set state.last = event -%}{%- endif -%}
    {%- endfor -%}
    {%- if not story -%}
        {%- do policy_workflow._add_finding(findings, execution_id, 'error', "there is no event of such an execution in " ~ policy_workflow._schema_name(), "dbt run-operation get_policy_execution_state") -%}
    {%- elif state.last.status_after == 'completed' -%}
        {%- do policy_workflow._add_finding(findings, execution_id, 'ok', "completed") -%}
    {%- elif state.last.event == 'cancelled' -%}
        {%- do policy_workflow._add_finding(findings, execution_id, 'ok', state.last.message) -%}
    {%- elif state.last.status_after == 'error' -%}
        {%- set cause = policy_workflow._failure_cause({'cause': state.last.cause}) -%}
        {%- do policy_workflow._add_finding(findings, execution_id, 'error', cause.name ~ ": " ~ cause.says, cause.remedy) -%}
    {%- else -%}
        {%- set lease = policy_workflow._live_lease(execution_id) -%}
        {%- do policy_workflow._add_finding(findings, execution_id, 'ok' if lease else 'warn', "at " ~ state.last.status_after ~ ", " ~ ("lease held by run " ~ lease ~ " UTC" if lease else "and its run is gone"), none if lease else "dbt run-operation retry_policy_workflow --args '{execution_id: " ~ execution_id ~ "}'") -%}
    {%- endif -%}
    {{- return(story) -}}
{%- endmacro %}
