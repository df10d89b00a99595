{#- The settings baked into the body, as JSON: a caller cannot change them. -#}
{% macro _procedure_settings() -%}
    {%- set secret = policy_workflow._setting('policy_api_secret') -%}
    {{- return(tojson({
        'state_table': policy_workflow._relation_name('policy_execution_state'),
        'events_table': policy_workflow._relation_name('policy_execution_events'),
        'base_url': policy_workflow._setting('policy_api_base_url'),
        'timeout_seconds': policy_workflow._setting('policy_api_timeout_seconds'),
        'step_deadline_seconds': policy_workflow._setting('policy_api_step_deadline_seconds'),
        'max_retries': policy_workflow._setting('policy_api_max_retries'),
        'connections': policy_workflow._setting('policy_api_connections'),
        'requests_per_second': policy_workflow._setting('policy_api_requests_per_second'),
        'success_statuses': policy_workflow._setting('policy_success_statuses'),
        'failure_statuses': policy_workflow._setting('policy_failure_statuses'),
        'max_poll_attempts': policy_workflow._setting('policy_max_poll_attempts'),
        'lease_seconds': policy_workflow._setting('policy_lease_seconds'),
        'retention_minutes': policy_workflow._setting('policy_retention_minutes'),
        'trigger_reason': policy_workflow._setting('policy_trigger_reason'),
        'secret_type': policy_workflow._setting('policy_api_secret_type') if secret else none,
        'auth_header': policy_workflow._setting('policy_api_auth_header'),
        'auth_scheme': policy_workflow._setting('policy_api_auth_scheme')
    }, sort_keys=true)) -}}
{%- endmacro %}
