{#- The way out to the API: integrations, network rules and secret (docs/snowflake_facts.md#external-access).
    Each macro returns nothing, and adds what it finds. -#}

{#- Checks the integrations, then the network rules and the secret that they name. What only the owner of the
    procedures needs to see is skipped for other roles. -#}
{% macro _diagnose_external_access(findings, role, owner) -%}
    {%- set unseen = 'error' if role == owner else 'skipped' -%}
    {%- set rules = [] -%}
    {%- set secrets = [] -%}
    {%- for name in policy_workflow._setting('policy_external_access_integrations') -%}
        {%- set shown = [] -%}
        {%- set statement = "show external access integrations like " ~ policy_workflow._sql_literal(name) -%}
        {%- for row in run_query(statement).rows if row['name'] | upper == name | upper -%}
            {%- do shown.append(row) -%}
        {%- endfor -%}
        {%- if not shown -%}
            {%- set values = {'name': name, 'role': role, 'owner': owner} -%}
            {%- do policy_workflow._add_finding(findings, 'integration_missing', values, unseen) -%}
        {%- elif shown[0]['enabled'] | string | lower != 'true' -%}
            {%- do policy_workflow._add_finding(findings, 'integration_disabled', {'name': name}) -%}
        {%- else -%}
            {%- do policy_workflow._add_finding(findings, 'integration', {'name': name}) -%}
            {%- for row in run_query("describe external access integration " ~ name).rows -%}
                {%- set values = modules.re.findall('[^\\[\\],\\s\'"]+', row['property_value'] | string) -%}
                {%- if row['property'] == 'ALLOWED_NETWORK_RULES' -%}
                    {%- do rules.extend(values) -%}
                {%- elif row['property'] == 'ALLOWED_AUTHENTICATION_SECRETS' -%}
                    {%- do secrets.extend(values | map('upper')) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if rules -%}
        {%- do policy_workflow._diagnose_network_rules(findings, role, rules) -%}
    {%- endif -%}
    {%- do policy_workflow._diagnose_secret(findings, role, owner, unseen, secrets) -%}
{%- endmacro %}

{#- Checks whether the rules let requests out to the API's host and port. Only the owner of a rule sees its
    values. -#}
{% macro _diagnose_network_rules(findings, role, rules) -%}
    {%- set address = policy_workflow._api_address() -%}
    {%- set host = address.host ~ ':' ~ address.port -%}
    {%- set values = [] -%}
    {%- set hidden = [] -%}
    {%- for rule in rules | unique -%}
        {%- set shown = policy_workflow._shown('network rules', rule.split('.')) -%}
        {%- if shown | selectattr('owner', 'equalto', role) | list -%}
            {%- for row in run_query("describe network rule " ~ rule).rows -%}
                {%- do values.extend(modules.re.findall('[^\\[\\],\\s\'"]+', row['value_list'] | string)) -%}
            {%- endfor -%}
        {%- else -%}
            {%- do hidden.append(rule) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set allowing = [] -%}
    {%- for value in values -%}
        {%- set name, port = (value | lower ~ ':443').split(':')[:2] -%}
        {%- set pattern = modules.re.escape(name).replace('\\*', '[a-z0-9-]+') -%}
        {%- if modules.re.fullmatch(pattern, address.host) and port in (address.port, '0') -%}
            {%- do allowing.append(value) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if allowing -%}
        {%- do policy_workflow._add_finding(findings, 'host_allowed', {'value': allowing[0]}) -%}
    {%- elif hidden -%}
        {%- set found = {'role': role, 'rules': hidden | join(', '), 'host': host} -%}
        {%- do policy_workflow._add_finding(findings, 'rule_hidden', found) -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'host_not_allowed', {
            'host': host,
            'allowed': values | join(', ') or 'nothing',
            'rule': rules[0],
            'values': (values + [host]) | map('tojson') | join(', ') | replace('"', "'")
        }) -%}
    {%- endif -%}
{%- endmacro %}

{#- Checks the secret with the API's token: visible, of the kind that the var says, allowed by an integration.
    `unseen` is the level where the secret is not visible; `allowed` are the secrets of the integrations. -#}
{% macro _diagnose_secret(findings, role, owner, unseen, allowed) -%}
    {%- set secret = policy_workflow._setting('policy_api_secret') -%}
    {%- if secret is none -%}
        {%- do policy_workflow._add_finding(findings, 'secret_not_set') -%}
    {%- else -%}
        {%- set kind = policy_workflow._setting('policy_api_secret_type') -%}
        {%- set integration = policy_workflow._setting('policy_external_access_integrations')[0] -%}
        {%- set shown = policy_workflow._shown('secrets', secret.split('.')) -%}
        {%- set type = shown[0]['secret_type'] if shown else none -%}
        {%- if not shown -%}
            {%- set values = {'secret': secret, 'role': role, 'owner': owner} -%}
            {%- do policy_workflow._add_finding(findings, 'secret_missing', values, unseen) -%}
        {%- elif type | lower != kind -%}
            {%- set values = {'secret': secret, 'type': type, 'kind': kind, 'setting': type | lower} -%}
            {%- do policy_workflow._add_finding(findings, 'secret_of_another_type', values) -%}
        {%- elif allowed and secret | upper not in allowed and 'ALL' not in allowed -%}
            {%- set values = {'secret': secret, 'integration': integration} -%}
            {%- do policy_workflow._add_finding(findings, 'secret_not_allowed', values) -%}
        {%- else -%}
            {%- do policy_workflow._add_finding(findings, 'secret', {'secret': secret, 'kind': kind}) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
