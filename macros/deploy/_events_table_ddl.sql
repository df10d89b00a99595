{#- The statement that makes policy_execution_events, the append-only audit trail. -#}
{% macro _events_table_ddl() -%}
    {%- set create -%}
create table if not exists {{ policy_workflow._relation_name('policy_execution_events') }} (
    "event_id" varchar,
    "execution_id" varchar,
    "invocation_id" varchar,
    "sequence" number,
    "step" number,
    "attempt" number,
    "event" varchar,
    "status_before" varchar,
    "status_after" varchar,
    "policy_id" varchar,
    "policy_data" variant,
    "http_method" varchar,
    "url" varchar,
    "http_status" number,
    "requests_sent" number,
    "duration_ms" number,
    "outcome" varchar,
    "error_class" varchar,
    "message" varchar,
    "response" variant,
    "event_time" timestamp_ltz
)
    {%- endset -%}
    {{- return([create]) -}}
{%- endmacro %}
