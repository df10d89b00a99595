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
        {%- set said = described[step] or ('none' if step == 'find' else {}) -%}
        {%- set endpoint = none -%}
        {%- if said != 'none' -%}
            {%- set sample = find if step == 'find' else made[step] -%}
            {%- set endpoint = policy_workflow._described_endpoint(sample, said, described, specs) -%}
            {%- if said.headers -%}
                {%- set headers = policy_workflow._described_headers(said.headers, made.headers) -%}
                {%- do endpoint.update({'headers': headers}) -%}
            {%- endif -%}
        {%- endif -%}
        {%- do made.update({step: endpoint}) -%}
    {%- endfor -%}
{%- endmacro %}

{#- Returns an endpoint of the description: `said` over `sample`, the sample API's endpoint. A null says nothing,
    but for a body, where a null means that there is none. -#}
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
        {%- set key = said.idempotency or described.idempotency or 'none' -%}
        {%- set place = {'header': key.header} if key.header else {'body': key.body} -%}
        {%- do endpoint.update({'key': none if key == 'none' else place}) -%}
    {%- endif -%}
    {%- if endpoint.status is string -%}
        {%- do endpoint.update({'status': [endpoint.status]}) -%}
    {%- endif -%}
    {{- return(endpoint) -}}
{%- endmacro %}

{#- Returns headers: what a description says over the headers of `others`, by names without case. A null takes a
    header out. Accept comes by itself where nothing is said of it. -#}
{% macro _described_headers(said, others={}) -%}
    {%- set names = said | map('lower') | list -%}
    {%- set headers = {} -%}
    {%- for name, value in others.items() if name | lower not in names -%}
        {%- do headers.update({name: value}) -%}
    {%- endfor -%}
    {%- for name, value in said.items() if value is not none -%}{%- do headers.update({name: value}) -%}{%- endfor -%}
    {%- if 'accept' not in headers | map('lower') -%}
        {%- set headers = dict({'Accept': 'application/json'}, **headers) -%}
    {%- endif -%}
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
    {%- for alias, secret in said | dictsort(true) if secret is not none -%}
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
