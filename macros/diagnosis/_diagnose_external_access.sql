{#- The way out to the API: integrations, network rules and secrets (docs/snowflake_facts.md#external-access).
    Each macro returns nothing, and adds what it finds. -#}

{#- Checks the integrations, then the network rules and the secrets that they name. What only the owner of the
    procedures needs to see is skipped for other roles. -#}
{% macro _diagnose_external_access(findings, role, owner) -%}
    {%- set unseen = 'error' if role == owner else 'skipped' -%}
    {%- set rules = [] -%}
    {#- The integrations that were read, with the secrets that each of them allows. -#}
    {%- set ways = [] -%}
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
            {%- set secrets = [] -%}
            {%- do ways.append({'name': name, 'secrets': secrets}) -%}
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
    {%- do policy_workflow._diagnose_secrets(findings, role, owner, unseen, ways) -%}
{%- endmacro %}

{#- Checks whether the rules let requests out to each host and port of the API. Only the owner of a rule sees
    its values. -#}
{% macro _diagnose_network_rules(findings, role, rules) -%}
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
    {%- set closed = [] -%}
    {%- for address in policy_workflow._policy_api_hosts() -%}
        {%- set host = address.host ~ ':' ~ address.port -%}
        {%- set allowing = policy_workflow._allowing_value(address, values) -%}
        {%- if allowing is not none -%}
            {%- do policy_workflow._add_finding(findings, 'host_allowed', {'value': allowing}) -%}
        {%- elif hidden -%}
            {%- set found = {'role': role, 'rules': hidden | join(', '), 'host': host} -%}
            {%- do policy_workflow._add_finding(findings, 'rule_hidden', found) -%}
        {%- else -%}
            {%- do closed.append(host) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for host in closed -%}
        {%- do policy_workflow._add_finding(findings, 'host_not_allowed', {
            'host': host,
            'allowed': values | join(', ') or 'nothing',
            'rule': rules[0],
            'values': (values + closed) | map('tojson') | join(', ') | replace('"', "'")
        }) -%}
    {%- endfor -%}
{%- endmacro %}

{#- Returns the first of a rule's values that lets requests out to an address, or none. -#}
{% macro _allowing_value(address, values) -%}
    {%- set allowing = [] -%}
    {%- for value in values -%}
        {%- set name, port = (value | lower ~ ':443').split(':')[:2] -%}
        {%- set pattern = modules.re.escape(name).replace('\\*', '[a-z0-9-]+') -%}
        {%- if modules.re.fullmatch(pattern, address.host) and port in (address.port, '0') -%}
            {%- do allowing.append(value) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(allowing[0] if allowing else none) -}}
{%- endmacro %}

{#- Checks each secret of the API: visible, of the kind that the vars say, allowed by an integration. `unseen` is
    the level where a secret is not visible; `ways` are the integrations that were read. -#}
{% macro _diagnose_secrets(findings, role, owner, unseen, ways) -%}
    {%- set secrets = policy_workflow._named_secrets() -%}
    {%- set described = policy_workflow._setting('policy_api') is not none -%}
    {%- set allowed = ways | map(attribute='secrets') | sum(start=[]) -%}
    {%- if not secrets -%}
        {%- set place = 'policy_api' if described else 'policy_api_secret' -%}
        {%- do policy_workflow._add_finding(findings, 'secret_not_set', {'place': place}) -%}
    {%- endif -%}
    {%- for secret in secrets -%}
        {%- set shown = policy_workflow._shown('secrets', secret.name.split('.')) -%}
        {%- set type = shown[0]['secret_type'] | lower if shown else none -%}
        {%- set name = secret.name -%}
        {%- if not shown -%}
            {%- set values = {'secret': name, 'role': role, 'owner': owner} -%}
            {%- do policy_workflow._add_finding(findings, 'secret_missing', values, unseen) -%}
        {%- elif type != secret.type -%}
            {%- set found = policy_workflow._secret_of({'alias': secret.alias}) -%}
            {%- do policy_workflow._add_finding(findings, 'secret_of_another_type', {
                'secret': name, 'type': type, 'kind': secret.type, 'place': found.type_place,
                'remedy': policy_workflow._secret_remedy(found, type)
            }) -%}
        {%- elif name | upper in allowed or 'ALL' in allowed -%}
            {%- do policy_workflow._add_finding(findings, 'secret', {'secret': name, 'kind': secret.type}) -%}
        {%- else -%}
            {%- do policy_workflow._add_closed_secret(findings, secret, secrets, role, ways) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- Adds that no integration that was read allows a secret. An integration that was not read may allow the secret;
    where all were read, the ALTER that is advised keeps what the first of them allows now. -#}
{% macro _add_closed_secret(findings, secret, secrets, role, ways) -%}
    {%- set hidden = [] -%}
    {%- for name in policy_workflow._setting('policy_external_access_integrations') -%}
        {%- if name not in ways | map(attribute='name') -%}{%- do hidden.append(name) -%}{%- endif -%}
    {%- endfor -%}
    {%- if hidden -%}
        {%- do policy_workflow._add_finding(findings, 'secret_allowance_hidden', {
            'secret': secret.name, 'kind': secret.type, 'role': role, 'integrations': hidden | join(', ')
        }) -%}
    {%- else -%}
        {%- set names = secrets | map(attribute='name') | list -%}
        {%- for other in ways[0].secrets if other not in names | map('upper') and other != 'NONE' -%}
            {%- do names.append(other) -%}
        {%- endfor -%}
        {%- do policy_workflow._add_finding(findings, 'secret_not_allowed', {
            'secret': secret.name, 'integration': ways[0].name, 'secrets': names | join(', ')
        }) -%}
    {%- endif -%}
{%- endmacro %}
