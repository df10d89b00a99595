{#- The statements that make policy_execution_state: the seed's sixteen columns, then our own,
    nullable and without default so that ALTER can add them to an older table (facts, 9.3). -#}
{% macro _state_table_ddl() -%}
    {%- set name = policy_workflow._relation_name('policy_execution_state') -%}
    {%- set create -%}
create table if not exists {{ name }} (
    "execution_id" varchar,
    "policy_id" varchar,
    "poll_count" number default 0,
    "status" varchar default 'pending',
    "start_time" timestamp_ntz default current_timestamp(),
    "last_poll_time" timestamp_ntz,
    "completed" boolean default false,
    "requires_circuit_breaker" boolean default false,
    "circuit_breaker_initiated" boolean default false,
    "circuit_breaker_completed" boolean default false,
    "error_message" varchar,
    "message" varchar,
    "api_response" variant,
    "policy_data" variant,
    "policy_status_response" variant,
    "circuit_breaker_response" variant
)
    {%- endset -%}
    {{- return([
        create,
        'alter table ' ~ name ~ ' add column if not exists "invocation_id" varchar',
        'alter table ' ~ name ~ ' add column if not exists "lease_expires_at" timestamp_ntz',
        'alter table ' ~ name ~ ' add column if not exists "finished_at" timestamp_ntz',
        'alter table ' ~ name ~ ' add column if not exists "cancelled_at" timestamp_ntz',
        'alter table ' ~ name ~ ' add column if not exists "last_sequence" number'
    ]) -}}
{%- endmacro %}
