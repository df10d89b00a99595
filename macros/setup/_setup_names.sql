{#- The names in the set-up script, from the vars and the target. The models' schema is the target's and
    may be another than that of tables and procedures. -#}
{% macro _setup_names() -%}
    {%- set schema = policy_workflow._schema_name() -%}
    {%- set secret = policy_workflow._setting('policy_api_secret') -%}
    {%- set rule = policy_workflow._setting('policy_workflow_network_rule') or schema ~ '.policy_api_rule' -%}
    {%- set models = target.database ~ '.' ~ target.schema -%}
    {%- set address = policy_workflow._api_address() -%}
    {%- set integrations = policy_workflow._setting('policy_external_access_integrations') -%}
    {{- return({
        'database': schema.split('.')[0],
        'schema': schema,
        'models': models,
        'warehouse': policy_workflow._setting('policy_workflow_warehouse') or target.warehouse,
        'deployer': policy_workflow._setting('policy_workflow_deployer_role'),
        'runner': policy_workflow._setting('policy_workflow_runner_role'),
        'reader': policy_workflow._setting('policy_workflow_reader_role'),
        'rule': rule,
        'integration': integrations[0],
        'integrations': integrations,
        'secret': secret,
        'secret_type': policy_workflow._setting('policy_api_secret_type'),
        'host': address.host ~ ':' ~ address.port
    }) -}}
{%- endmacro %}
