{#- Returns the names of what the set-up makes and grants, from the vars and the target. The models' schema is
    the target's and may be another than that of tables and procedures. -#}
{% macro _setup_names() -%}
    {%- set schema = policy_workflow._schema_name() -%}
    {%- set hosts = [] -%}
    {%- for address in policy_workflow._policy_api_hosts() -%}
        {%- do hosts.append(address.host ~ ':' ~ address.port) -%}
    {%- endfor -%}
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
        'secrets': policy_workflow._named_secrets(),
        'hosts': hosts
    }) -}}
{%- endmacro %}

{#- Returns the secrets of the API as _policy_api_secrets does, but each object once: two aliases may name the
    same secret. -#}
{% macro _named_secrets() -%}
    {%- set seen = [] -%}
    {%- set secrets = [] -%}
    {%- for secret in policy_workflow._policy_api_secrets() if secret.name | upper not in seen -%}
        {%- do seen.append(secret.name | upper) -%}
        {%- do secrets.append(secret) -%}
    {%- endfor -%}
    {{- return(secrets) -}}
{%- endmacro %}
