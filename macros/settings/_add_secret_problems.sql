{#- Returns the types of the secrets that the placeholders may name, by alias; adds what is wrong with the
    secrets of the description. -#}
{% macro _add_secret_problems(problems, described, specs) -%}
    {%- set place = 'policy_api.secrets' -%}
    {%- set said = described.get('secrets') -%}
    {%- set single = policy_workflow._setting('policy_api_secret', specs) -%}
    {%- set types = {} -%}
    {%- if single and said is none -%}
        {%- do types.update({'policy_api_secret': policy_workflow._setting('policy_api_secret_type', specs)}) -%}
    {%- elif single -%}
        {%- do policy_workflow._add_problem(problems, place, 'secrets_twice') -%}
    {%- elif said is not none and said is not mapping -%}
        {%- do policy_workflow._add_problem(problems, place, 'secrets', {'got': policy_workflow._kind(said)}) -%}
    {%- endif -%}
    {%- for alias, secret in (said if said is mapping else {}).items() if secret is not none -%}
        {%- set here = policy_workflow._place_in(place, alias) -%}
        {%- set stated = secret if secret is mapping else {'name': secret} -%}
        {%- set type = stated.get('type') or 'generic_string' -%}
        {%- do types.update({alias: type}) -%}
        {%- if not modules.re.fullmatch('[A-Za-z_][A-Za-z0-9_]*', alias) -%}
            {%- do policy_workflow._add_problem(problems, here, 'alias') -%}
        {%- endif -%}
        {%- do policy_workflow._add_key_problems(problems, here, stated, ['name', 'type'], []) -%}
        {%- set name = stated.get('name') -%}
        {%- if name is not string or not modules.re.fullmatch(specs.policy_api_secret.pattern, name) -%}
            {%- set values = {'got': policy_workflow._kind(secret)} -%}
            {%- do policy_workflow._add_problem(problems, here, 'secret_name', values) -%}
        {%- endif -%}
        {%- if type not in ['generic_string', 'password', 'oauth2'] -%}
            {%- do policy_workflow._add_problem(problems, here ~ '.type', 'secret_type', {
                'got': policy_workflow._got(type)
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(types) -}}
{%- endmacro %}
