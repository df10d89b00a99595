{#- The way out to the API: integrations, network rules, secret (facts, 6.1). What only the procedures'
    owner needs to see is skipped for other roles. -#}
{% macro _diagnose_external_access(findings, role, owner) -%}
    {%- set unseen = 'error' if role == owner else 'skipped' -%}
    {%- set rules = [] -%}
    {%- set secrets = [] -%}
    {%- for name in policy_workflow._setting('policy_external_access_integrations') -%}
        {%- set shown = [] -%}
        {%- for row in run_query("show external access integrations like " ~ policy_workflow._sql_literal(name)).rows if row['name'] | upper == name | upper -%}
            {%- do shown.append(row) -%}
        {%- endfor -%}
        {%- if not shown -%}
            {%- do policy_workflow._add_finding(findings, name, unseen, "the integration is not there, or role " ~ role ~ " may not use it", "grant usage on integration " ~ name ~ " to role " ~ owner) -%}
        {%- elif shown[0]['enabled'] | string | lower != 'true' -%}
            {%- do policy_workflow._add_finding(findings, name, 'error', "the integration is disabled", "alter external access integration " ~ name ~ " set enabled = true") -%}
        {%- else -%}
            {%- do policy_workflow._add_finding(findings, name, 'ok', "the integration is enabled") -%}
            {%- for row in run_query("describe external access integration " ~ name).rows -%}
                {%- set values = modules.re.findall('[^\\[\\],\\s\'"]+', row['property_value'] | string) -%}
                {%- if row['property'] == 'ALLOWED_NETWORK_RULES' -%}{%- do rules.extend(values) -%}{%- endif -%}
                {%- if row['property'] == 'ALLOWED_AUTHENTICATION_SECRETS' -%}{%- do secrets.extend(values | map('upper')) -%}{%- endif -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if rules -%}
        {%- do policy_workflow._diagnose_network_rules(findings, role, rules) -%}
    {%- endif -%}
    {%- do policy_workflow._diagnose_secret(findings, role, owner, unseen, secrets) -%}
{%- endmacro %}
