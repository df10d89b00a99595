{#- What a description of the API, and the older vars of its token, say. -#}

{#- Returns nothing: puts what the vars say over the description of the sample API: the token's header of
    policy_api_secret, and what policy_api says. -#}
{% macro _overlay_description(made, described, specs) -%}
    {%- set secrets = policy_workflow._policy_api_secrets(specs) -%}
    {%- for secret in secrets -%}{%- do made.secrets.update({secret.alias: secret.type}) -%}{%- endfor -%}
    {%- if described.headers is mapping -%}
        {%- do made.update({'headers': policy_workflow._described_headers(described.headers)}) -%}
    {%- elif secrets and not described.secrets -%}
        {%- do made.headers.update(policy_workflow._token_header(secrets[0].type, specs)) -%}
    {%- endif -%}
    {%- if policy_workflow._setting('policy_api', specs) is not none -%}
        {%- do policy_workflow._overlay_endpoints(made, described, specs) -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns nothing: puts what the var policy_api says about the endpoints over the sample API's, key by key.
    That an API knows idempotency keys only the var can say. -#}
{% macro _overlay_endpoints(made, described, specs) -%}
    {%- set find = {
        'method': 'GET', 'url': '', 'body': none, 'busy': [], 'id': none, 'absent': [], 'again_after_seconds': 0
    } -%}
    {%- for step in ['find', 'create', 'poll', 'trigger'] -%}
        {%- set said = described.get(step, none if step == 'find' else {}) -%}
        {%- set endpoint = none -%}
        {%- if said is mapping -%}
            {%- set sample = find if step == 'find' else made[step] -%}
            {%- set endpoint = policy_workflow._described_endpoint(sample, said, described, specs) -%}
        {%- endif -%}
        {%- do made.update({step: endpoint}) -%}
    {%- endfor -%}
{%- endmacro %}

{#- Returns an endpoint of the description: `said` over `sample`, the sample API's endpoint. A null means that
    nothing is said, but for a body. -#}
{% macro _described_endpoint(sample, said, described, specs) -%}
    {%- set base_url = policy_workflow._setting('policy_api_base_url', specs) -%}
    {%- set path = said.path or sample.url[base_url.rstrip('/') | length:] -%}
    {%- set endpoint = {} -%}
    {%- for name, value in sample.items() -%}
        {%- set is_said = name in said and (name == 'body' or said[name] is not none) -%}
        {%- do endpoint.update({name: said[name] if is_said else value}) -%}
    {%- endfor -%}
    {%- do endpoint.update({'url': (said.base_url or base_url).rstrip('/') ~ path}) -%}
    {%- if 'key' in sample -%}
        {%- set key = said.get('idempotency', described.idempotency) or none -%}
        {%- do endpoint.update({'key': none if key == 'none' else key}) -%}
    {%- endif -%}
    {%- if endpoint.status is string -%}
        {%- do endpoint.update({'status': [endpoint.status]}) -%}
    {%- endif -%}
    {{- return(endpoint) -}}
{%- endmacro %}

{#- Returns the headers of each request: those of the description, with Accept where it names none. -#}
{% macro _described_headers(said) -%}
    {%- set headers = {} if 'accept' in said | map('lower') else {'Accept': 'application/json'} -%}
    {%- do headers.update(said) -%}
    {{- return(headers) -}}
{%- endmacro %}

{#- Returns the header with the token that policy_api_secret names, as a mapping of its name to its value. -#}
{% macro _token_header(type, specs) -%}
    {%- set scheme = 'Basic' if type == 'password' else policy_workflow._setting('policy_api_auth_scheme', specs) -%}
    {%- set name = policy_workflow._setting('policy_api_auth_header', specs) -%}
    {{- return({name: scheme ~ ' {secret.policy_api_secret}'}) -}}
{%- endmacro %}

{#- Returns the secrets of a description, or the one that policy_api_secret names, as _policy_api_secrets does. -#}
{% macro _described_secrets(described, single, specs) -%}
    {%- set said = described.secrets or {} if described else {} -%}
    {%- set secrets = [] -%}
    {%- for alias, secret in said | dictsort(true) -%}
        {%- set stated = secret if secret is mapping else {'name': secret} -%}
        {%- set type = stated.type or 'generic_string' -%}
        {%- do secrets.append({'alias': alias, 'name': stated.name, 'type': type}) -%}
    {%- endfor -%}
    {%- if single and not said -%}
        {%- set type = policy_workflow._setting('policy_api_secret_type', specs) -%}
        {%- do secrets.append({'alias': 'policy_api_secret', 'name': single, 'type': type}) -%}
    {%- endif -%}
    {{- return(secrets) -}}
{%- endmacro %}

{#- Returns the hosts to which requests go, each once, as a list of {'host', 'port'} with texts; the host that
    creates policies comes first. -#}
{% macro _policy_api_hosts() -%}
    {%- set made = policy_workflow._policy_api() -%}
    {%- set hosts = [] -%}
    {%- for step in ['create', 'poll', 'trigger', 'find'] if made[step] is not none -%}
        {%- set pattern = '^(https?)://([^/:]+)(?::([0-9]+))?' -%}
        {%- set scheme, host, port = modules.re.findall(pattern, made[step].url)[0] -%}
        {%- set address = {'host': host | lower, 'port': port or ('443' if scheme == 'https' else '80')} -%}
        {%- if address not in hosts -%}{%- do hosts.append(address) -%}{%- endif -%}
    {%- endfor -%}
    {{- return(hosts) -}}
{%- endmacro %}
