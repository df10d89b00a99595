{#- Returns what a description may say: its keys, and for each endpoint the keys with their types and limits,
    and the placeholders that have a value at that step. `required` is what has no default; `none` says that
    the endpoint may be none. The specs are JSON, as those of _setting_specs. -#}
{% macro _policy_api_specs() -%}
    {%- set specs -%}
    {
        "takes": ["secrets", "headers", "idempotency", "find", "create", "poll", "trigger"],
        "endpoints": {
            "find": {
                "none": true, "required": ["path", "id"],
                "path": ["policy.NAME", "execution_id"],
                "body": ["policy", "policy.NAME", "execution_id", "secret"],
                "takes": {
                    "method": {"type": "method", "legal": ["GET", "POST"]},
                    "path": {"type": "path", "example": "/rules?name={policy.policy_name}"},
                    "body": {"type": "body"},
                    "id": {"type": "pointer", "from_header": true, "example": "/items/0/id"},
                    "absent": {"type": "statuses", "min": 200, "max": 599, "example": 404},
                    "again_after_seconds": {"type": "integer", "min": 0, "max": 600},
                    "busy": {"type": "statuses", "min": 400, "max": 599, "example": 422},
                    "base_url": {"type": "base_url"}
                }
            },
            "create": {
                "required": [],
                "path": ["policy.NAME", "execution_id"],
                "body": ["policy", "policy.NAME", "execution_id", "secret"],
                "takes": {
                    "method": {"type": "method", "legal": ["POST", "PUT", "PATCH"]},
                    "path": {"type": "path", "example": "/rules/{policy.rule_id}/executions"},
                    "body": {"type": "body"},
                    "id": {"type": "pointer", "from_header": true, "example": "/data/id"},
                    "already": {"type": "statuses", "min": 400, "max": 599, "example": 409},
                    "busy": {"type": "statuses", "min": 400, "max": 599, "example": 422},
                    "idempotency": {"type": "idempotency"},
                    "base_url": {"type": "base_url"}
                }
            },
            "poll": {
                "required": [],
                "path": ["policy_id", "policy.NAME", "execution_id", "api_execution_id"],
                "body": ["policy_id", "policy", "policy.NAME", "execution_id", "api_execution_id", "secret"],
                "takes": {
                    "method": {"type": "method", "legal": ["GET", "POST"]},
                    "path": {"type": "path", "example": "/executions/{policy_id}/result"},
                    "body": {"type": "body"},
                    "id": {"type": "pointer", "example": "/data/id"},
                    "status": {"type": "pointers", "example": "/data/state"},
                    "busy": {"type": "statuses", "min": 400, "max": 599, "example": 422},
                    "base_url": {"type": "base_url"}
                }
            },
            "trigger": {
                "none": true, "required": [],
                "path": ["policy_id", "policy.NAME", "execution_id", "api_execution_id", "trigger_reason"],
                "body": [
                    "policy_id", "policy", "policy.NAME", "execution_id", "api_execution_id", "trigger_reason",
                    "secret"
                ],
                "takes": {
                    "method": {"type": "method", "legal": ["POST", "PUT", "PATCH", "DELETE"]},
                    "path": {"type": "path", "example": "/breakers/{policy_id}/trip"},
                    "body": {"type": "body"},
                    "confirm": {"type": "confirm"},
                    "already": {"type": "statuses", "min": 400, "max": 599, "example": 409},
                    "busy": {"type": "statuses", "min": 400, "max": 599, "example": 422},
                    "idempotency": {"type": "idempotency"},
                    "base_url": {"type": "base_url"}
                }
            }
        }
    }
    {%- endset -%}
    {{- return(fromjson(specs)) -}}
{%- endmacro %}
