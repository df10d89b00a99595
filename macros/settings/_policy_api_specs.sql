{#- Returns what a description may say: its keys, and for each endpoint the keys with their types and limits,
    and the placeholders that have a value at that step. `required` is what has no default; `none` says that
    the endpoint may be none; `apart` are the placeholders that tell policies apart, of which the request holds
    one, or all policies would share an answer. `statuses` has, by what they mean, which HTTP statuses may mean
    that; `right` has the patterns of _right_values. The specs are JSON, as those of _setting_specs. -#}
{% macro _policy_api_specs() -%}
    {%- set specs -%}
    {
        "takes": ["secrets", "headers", "idempotency", "find", "create", "poll", "trigger"],
        "right": {
            "path": "\"/([!$&-\\[\\]-z|~]|%[0-9A-Fa-f]{2})*\"",
            "body": "(?![^\\[{\"])([^{]|(?<!\")[{](?![A-Za-z_]))*",
            "pointer": "\"(/[A-Za-z0-9_.-]*[A-Za-z0-9_.])+\"",
            "pointers": "\"(/[A-Za-z0-9_.-]*[A-Za-z0-9_.])+\"",
            "absent": "\\[(404|410)?\\]",
            "already": "\\[(400|409|422)?\\]",
            "busy": "\\[(409|422|423|503)?\\]",
            "integer": "[0-9]{1,2}",
            "idempotency": "\"none\"|[{]\"(header\": \"Idempotency-Key|body\": \"(/[a-z_]+)+)\"[}]",
            "confirm": "[{]\"at\": \"(/[A-Za-z0-9_]+)+\", \"in\": \\[(true|\"[A-Za-z0-9][A-Za-z0-9_ -]*\")\\][}]",
            "base_url": "\"https://[a-z0-9]+([.-][a-z0-9]+)*\"",
            "header_name": "(?i)(?!.*idem|host|con|kee|pro|t[er]|up|http|ex|via|accept-|ra|if|max|sec|date)[a-z0-9-]+",
            "plain_header_name": "(?i)accept|from|user-agent|x-([a-z]+-)?version",
            "plain_header_value": "(?!.*(glpat|xox))[a-z*-]+/[a-z0-9.+*-]+(; ?version=[0-9.]+)?|[0-9.-]{1,10}",
            "content_type": "application/([a-z.]+[+])?json|application/x-www-form-urlencoded|text/plain",
            "header_value": "[!-z|~]([ -z|~]*[!-z|~])?"
        },
        "statuses": {
            "absent": {
                "legal": "400|404|410|422", "says": "400, 404, 410 or 422, which say that there is no such policy"
            },
            "already": {
                "legal": "4(?!08|25|29)[0-9][0-9]",
                "says": "from 400 to 499, but for 408, 425 and 429, which say that nothing was done"
            },
            "busy": {
                "legal": "4(?!08|60|99)[0-9][0-9]|503",
                "says": "503, or 400 to 499, but for 408, 460 and 499. Others leave open whether all was processed"
            }
        },
        "endpoints": {
            "find": {
                "none": true, "required": ["path", "id"],
                "apart": ["policy", "policy.NAME", "execution_id"],
                "path": ["policy.NAME", "execution_id"],
                "body": ["policy", "policy.NAME", "execution_id", "secret"],
                "takes": {
                    "method": {"type": "method", "legal": ["GET", "POST"]},
                    "path": {"type": "path", "example": "/rules?ref={execution_id}"},
                    "body": {"type": "body"},
                    "id": {"type": "pointer", "from_header": true, "example": "/items/0/id"},
                    "absent": {"type": "statuses", "means": "absent", "example": 404},
                    "again_after_seconds": {"type": "integer", "min": 0, "max": 600},
                    "busy": {"type": "statuses", "means": "busy", "example": 422},
                    "base_url": {"type": "base_url"},
                    "headers": {"type": "headers"}
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
                    "already": {"type": "statuses", "means": "already", "example": 409},
                    "busy": {"type": "statuses", "means": "busy", "example": 422},
                    "idempotency": {"type": "idempotency"},
                    "base_url": {"type": "base_url"},
                    "headers": {"type": "headers"}
                }
            },
            "poll": {
                "required": [],
                "apart": ["policy_id", "execution_id", "api_execution_id"],
                "path": ["policy_id", "policy.NAME", "execution_id", "api_execution_id"],
                "body": [
                    "policy_id", "policy_id.number", "policy", "policy.NAME", "execution_id", "api_execution_id",
                    "secret"
                ],
                "takes": {
                    "method": {"type": "method", "legal": ["GET", "POST"]},
                    "path": {"type": "path", "example": "/executions/{policy_id}/result"},
                    "body": {"type": "body"},
                    "id": {"type": "pointer", "none": true, "example": "/data/id"},
                    "status": {"type": "pointers", "example": "/data/state"},
                    "busy": {"type": "statuses", "means": "busy", "example": 422},
                    "base_url": {"type": "base_url"},
                    "headers": {"type": "headers"}
                }
            },
            "trigger": {
                "none": true, "required": [],
                "apart": ["policy_id", "policy", "policy.NAME", "execution_id", "api_execution_id"],
                "path": ["policy_id", "policy.NAME", "execution_id", "api_execution_id", "trigger_reason"],
                "body": [
                    "policy_id", "policy_id.number", "policy", "policy.NAME", "execution_id", "api_execution_id",
                    "trigger_reason", "secret"
                ],
                "takes": {
                    "method": {"type": "method", "legal": ["POST", "PUT", "PATCH", "DELETE"]},
                    "path": {"type": "path", "example": "/breakers/{policy_id}/trip"},
                    "body": {"type": "body"},
                    "id": {"type": "pointer", "none": true, "example": "/data/id"},
                    "confirm": {"type": "confirm"},
                    "already": {"type": "statuses", "means": "already", "example": 409},
                    "busy": {"type": "statuses", "means": "busy", "example": 422},
                    "idempotency": {"type": "idempotency"},
                    "base_url": {"type": "base_url"},
                    "headers": {"type": "headers"}
                }
            }
        }
    }
    {%- endset -%}
    {{- return(fromjson(specs)) -}}
{%- endmacro %}
