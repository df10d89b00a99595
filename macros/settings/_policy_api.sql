{#- The description of the API: the sample API's, and over it what the var policy_api says. `specs` are those of
    _setting_specs, where the caller has them. A wrong description has been refused before (see
    _check_policy_api). What only a description needs stands in macros of its own: dbt compiles each macro that
    a command calls, and most commands have the sample API. -#}

{#- Returns the description of the API as the procedures have it: complete, and the same for the sample API
    without the var as with a var that describes it. The order of the keys of a body is the user's: the
    procedures send them in this order. -#}
{% macro _policy_api(specs=none) -%}
    {%- set described = policy_workflow._setting('policy_api', specs) -%}
    {%- set made = policy_workflow._sample_api(policy_workflow._setting('policy_api_base_url', specs)) -%}
    {%- if described is not none or policy_workflow._setting('policy_api_secret', specs) -%}
        {%- do policy_workflow._overlay_description(made, described or {}, specs) -%}
    {%- endif -%}
    {{- return(made) -}}
{%- endmacro %}

{#- Returns the description of the sample API, at the address `base_url`, which holds nothing that JSON escapes. -#}
{% macro _sample_api(base_url='') -%}
    {%- set sample -%}
    {
        "secrets": {},
        "headers": {"Accept": "application/json"},
        "find": null,
        "create": {
            "method": "POST", "url": "BASE/createpolicy", "body": "{policy}", "busy": [], "id": null,
            "already": [], "key": {"header": "Idempotency-Key"}
        },
        "poll": {
            "method": "GET", "url": "BASE/policy/{policy_id}", "body": null, "busy": [], "id": null,
            "status": null
        },
        "trigger": {
            "method": "POST", "url": "BASE/circuit", "body": {
                "policy_id": "{policy_id}", "execution_id": "{api_execution_id}",
                "trigger_reason": "{trigger_reason}"
            }, "busy": [], "id": null, "confirm": null, "already": [], "key": {"header": "Idempotency-Key"}
        }
    }
    {%- endset -%}
    {{- return(fromjson(sample.replace('BASE', base_url.rstrip('/')))) -}}
{%- endmacro %}

{#- Returns the secrets of the procedures, sorted by alias: a list of {'alias', 'name', 'type'}. -#}
{% macro _policy_api_secrets(specs=none) -%}
    {%- set described = policy_workflow._setting('policy_api', specs) -%}
    {%- set single = policy_workflow._setting('policy_api_secret', specs) -%}
    {%- set has_secrets = single or described and described.secrets -%}
    {{- return(policy_workflow._described_secrets(described, single, specs) if has_secrets else []) -}}
{%- endmacro %}
