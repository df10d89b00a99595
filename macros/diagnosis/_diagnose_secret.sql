{#- The secret with the API's token: visible, of the kind that the var says, allowed by an integration. -#}
{% macro _diagnose_secret(findings, role, owner, unseen, allowed) -%}
    {%- set name = policy_workflow._setting('policy_api_secret') -%}
    {%- if name is none -%}
        {%- do policy_workflow._add_finding(findings, 'secret', 'ok', "none: requests carry no token (policy_api_secret)") -%}
    {%- else -%}
        {%- set shown = [] -%}
        {%- for row in run_query("show secrets like " ~ policy_workflow._sql_literal(name.split('.')[2]) ~ " in account").rows -%}
            {%- if (row['database_name'] ~ '.' ~ row['schema_name'] ~ '.' ~ row['name']) | upper == name | upper -%}{%- do shown.append(row) -%}{%- endif -%}
        {%- endfor -%}
        {%- set kind = policy_workflow._setting('policy_api_secret_type') -%}
        {%- if not shown -%}
            {%- do policy_workflow._add_finding(findings, 'secret', unseen, name ~ " is not there, or role " ~ role ~ " may not read it", "grant read on secret " ~ name ~ " to role " ~ owner) -%}
        {%- elif shown[0]['secret_type'] | lower != kind -%}
            {%- do policy_workflow._add_finding(findings, 'secret', 'error', name ~ " is of type " ~ shown[0]['secret_type'] ~ ", policy_api_secret_type says " ~ kind, "set policy_api_secret_type to " ~ shown[0]['secret_type'] | lower) -%}
        {%- elif allowed and name | upper not in allowed and 'ALL' not in allowed -%}
            {%- do policy_workflow._add_finding(findings, 'secret', 'error', name ~ " is not allowed by the integrations", "alter external access integration " ~ policy_workflow._setting('policy_external_access_integrations')[0] ~ " set allowed_authentication_secrets = (" ~ name ~ ")") -%}
        {%- else -%}
            {%- do policy_workflow._add_finding(findings, 'secret', 'ok', name ~ ", " ~ kind) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
