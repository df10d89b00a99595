{#- Returns the names of what the set-up makes and grants, from the vars and the target. The models' schema is
    the target's and may be another than that of tables and procedures. -#}
{% macro _setup_names() -%}
    {%- set schema = policy_workflow._schema_name() -%}
    {%- set address = policy_workflow._api_address() -%}
    {%- set integrations = policy_workflow._setting('policy_external_access_integrations') -%}
    {{- return({
        'database': schema.split('.')[0],
        'schema': schema,
        'models': target.database ~ '.' ~ target.schema,
        'warehouse': policy_workflow._setting('policy_workflow_warehouse') or target.warehouse,
        'deployer': policy_workflow._setting('policy_workflow_deployer_role'),
        'runner': policy_workflow._setting('policy_workflow_runner_role'),
        'reader': policy_workflow._setting('policy_workflow_reader_role'),
        'rule': policy_workflow._setting('policy_workflow_network_rule') or schema ~ '.policy_api_rule',
        'integration': integrations[0],
        'integrations': integrations,
        'secret': policy_workflow._setting('policy_api_secret'),
        'secret_type': policy_workflow._setting('policy_api_secret_type'),
        'host': address.host ~ ':' ~ address.port
    }) -}}
{%- endmacro %}

{#- Returns host and port of the API, as a network rule names them. -#}
{% macro _api_address() -%}
    {%- set url = policy_workflow._setting('policy_api_base_url') -%}
    {%- set scheme, host, port = modules.re.findall('^(https?)://([^/:]+)(?::([0-9]+))?', url)[0] -%}
    {{- return({'host': host | lower, 'port': port or ('443' if scheme == 'https' else '80')}) -}}
{%- endmacro %}
