{#- Returns every var: its default, its type and its legal values. dbt_project.yml and the documentation say
    the same, and a test compares them. The defaults stand here too, because another project's vars do not
    include this package's. The specs are JSON: reading JSON takes a tenth of the time that Jinja takes to
    compile as many literals. `baked` is the name under which the body of the procedures has the var; `written`
    says to a wrong value how the right one is written. -#}
{% macro _setting_specs() -%}
    {%- set label = '[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?' -%}
    {%- set host = label ~ '([.]' ~ label ~ ')*' -%}
    {%- set origin = 'https://' ~ host ~ '|http://(localhost|127[.]0[.]0[.]1)' -%}
    {%- set port = '(?!0|6553[6-9]|655[4-9][0-9]|65[6-9][0-9]{2}|6[6-9][0-9]{3}|[7-9][0-9]{4})[0-9]{1,5}' -%}
    {%- set specs -%}
    {
        "policy_workflow_database": {
            "default": null, "optional": true, "type": "text", "pattern": "[A-Za-z_][A-Za-z0-9_$]*",
            "says": "an unquoted identifier"
        },
        "policy_workflow_schema": {
            "default": null, "optional": true, "type": "text", "pattern": "[A-Za-z_][A-Za-z0-9_$]*",
            "says": "an unquoted identifier"
        },
        "policy_workflow_sample_policy": {
            "default": {
                "policy_name": "sample_policy", "policy_type": "data_retention",
                "description": "Sample policy of the policy workflow", "priority": "high",
                "parameters": {"retention_days": 90, "classification": "sensitive"}
            }, "type": "mapping"
        },
        "policy_max_policy_characters": {"default": 100000, "type": "integer", "min": 1000, "max": 900000},
        "policy_api_base_url": {
            "default": "https://dbttest.free.beeceptor.com", "env": "POLICY_API_BASE_URL",
            "type": "text",
            "pattern": "(?!.{2001})({{ origin }})(:{{ port }})?(/[A-Za-z0-9._~/-]*)?",
            "says": "an https URL without query or user (http only for localhost and 127.0.0.1)"
        },
        "policy_api_timeout_seconds": {
            "baked": "timeout_seconds", "default": 30, "type": "integer", "min": 1, "max": 600
        },
        "policy_api_step_deadline_seconds": {
            "baked": "step_deadline_seconds", "default": 120, "type": "integer", "min": 1, "max": 3600
        },
        "policy_api_max_retries": {"baked": "max_retries", "default": 3, "type": "integer", "min": 0, "max": 10},
        "policy_api_connections": {
            "baked": "connections", "default": 32, "type": "integer", "min": 1, "max": 128
        },
        "policy_api_requests_per_second": {
            "baked": "requests_per_second", "default": null, "optional": true, "type": "number", "min": 0.001,
            "max": 10000
        },
        "policy_api": {
            "default": null, "optional": true, "type": "mapping",
            "written": ", which is written as YAML without Jinja (docs/your_api.md)"
        },
        "policy_api_secret": {
            "default": null, "optional": true, "type": "text",
            "pattern": "[A-Za-z_][A-Za-z0-9_$]*([.][A-Za-z_][A-Za-z0-9_$]*){2}",
            "says": "database.schema.secret"
        },
        "policy_api_secret_type": {
            "default": "generic_string", "type": "text",
            "pattern": "generic_string|password|oauth2", "says": "generic_string, password or oauth2"
        },
        "policy_api_auth_header": {
            "default": "Authorization", "type": "text", "pattern": "[A-Za-z0-9-]+",
            "says": "the name of an HTTP header"
        },
        "policy_api_auth_scheme": {
            "default": "Bearer", "type": "text", "pattern": "[A-Za-z0-9-]+",
            "says": "one word, such as Bearer"
        },
        "policy_success_statuses": {
            "baked": "success_statuses", "default": ["success", "completed", "active", "ready"], "type": "list"
        },
        "policy_failure_statuses": {
            "baked": "failure_statuses", "default": ["failed", "error", "rejected", "cancelled"], "type": "list"
        },
        "policy_confirmed_statuses": {
            "baked": "confirmed_statuses", "default": [
                "ok", "success", "successful", "succeeded", "completed", "complete", "done", "confirmed",
                "triggered", "tripped", "open", "opened", "active", "activated", "ready", "applied",
                "executed"
            ], "type": "list"
        },
        "policy_max_poll_attempts": {
            "baked": "max_poll_attempts", "default": 3, "type": "integer", "min": 1, "max": 100
        },
        "policy_poll_interval_seconds": {"default": 2, "type": "integer", "min": 0, "max": 3600},
        "policy_lease_seconds": {
            "baked": "lease_seconds", "default": 60, "type": "integer", "min": 10, "max": 3600
        },
        "policy_call_seconds": {
            "baked": "call_seconds", "default": 20, "type": "integer", "min": 1, "max": 3600
        },
        "policy_api_breaker_failures": {
            "baked": "breaker_failures", "default": 5, "type": "integer", "min": 0, "max": 1000
        },
        "policy_api_breaker_open_seconds": {
            "baked": "breaker_open_seconds", "default": 60, "type": "integer", "min": 1, "max": 86400
        },
        "policy_wait_seconds": {"default": 300, "type": "integer", "min": 0, "max": 86400},
        "policy_retention_minutes": {
            "baked": "retention_minutes", "default": 60, "type": "integer", "min": 0, "max": 5256000
        },
        "policy_trigger_reason": {
            "baked": "trigger_reason", "default": "The policy was executed successfully", "type": "text"
        },
        "policy_workflow_enabled": {"default": true, "type": "boolean"},
        "policy_workflow_models": {"default": false, "type": "boolean"},
        "policy_workflow_create_tables": {"default": false, "type": "boolean"},
        "policy_execution_id": {
            "default": null, "optional": true, "type": "text", "pattern": "[A-Za-z0-9][A-Za-z0-9._:@+-]{0,127}",
            "says": "an execution_id"
        },
        "policy_stuck_minutes": {"default": 60, "type": "integer", "min": 1, "max": 525600},
        "policy_min_success_rate_percent": {"default": 90, "type": "integer", "min": 0, "max": 100},
        "policy_integrity_tests_enabled": {"default": true, "type": "boolean"},
        "policy_integrity_test_severity": {
            "default": "error", "type": "text", "pattern": "error|warn", "says": "error or warn"
        },
        "policy_health_tests_enabled": {"default": false, "type": "boolean"},
        "policy_health_test_severity": {
            "default": "warn", "type": "text", "pattern": "error|warn", "says": "error or warn"
        },
        "policy_unit_tests_enabled": {"default": false, "type": "boolean"},
        "policy_runtime_version": {
            "default": "3.11", "type": "text", "pattern": "3[.]1[1-9]",
            "says": "a Python version that Snowflake can create, such as '3.11' (quoted)"
        },
        "policy_packages": {"default": ["snowflake-snowpark-python", "requests"], "type": "list"},
        "policy_artifact_repository": {
            "default": null, "optional": true, "type": "text",
            "pattern": "[A-Za-z_][A-Za-z0-9_$]*([.][A-Za-z_][A-Za-z0-9_$]*){2}",
            "says": "database.schema.repository"
        },
        "policy_external_access_integrations": {"default": ["API_EXTERNAL_ACCESS"], "type": "list"},
        "policy_workflow_deployer_role": {
            "default": "POLICY_DEPLOYER", "type": "text", "pattern": "[A-Za-z_][A-Za-z0-9_$]*",
            "says": "an unquoted identifier"
        },
        "policy_workflow_runner_role": {
            "default": "POLICY_RUNNER", "type": "text", "pattern": "[A-Za-z_][A-Za-z0-9_$]*",
            "says": "an unquoted identifier"
        },
        "policy_workflow_reader_role": {
            "default": "POLICY_READER", "type": "text", "pattern": "[A-Za-z_][A-Za-z0-9_$]*",
            "says": "an unquoted identifier"
        },
        "policy_workflow_warehouse": {
            "default": null, "optional": true, "type": "text", "pattern": "[A-Za-z_][A-Za-z0-9_$]*",
            "says": "an unquoted identifier"
        },
        "policy_workflow_network_rule": {
            "default": null, "optional": true, "type": "text",
            "pattern": "[A-Za-z_][A-Za-z0-9_$]*([.][A-Za-z_][A-Za-z0-9_$]*){2}", "says": "database.schema.rule"
        }
    }
    {%- endset -%}
    {{- return(fromjson(specs)) -}}
{%- endmacro %}
