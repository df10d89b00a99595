{#- Returns the types of the secrets that the placeholders may name, by alias; adds what is wrong with the
    secrets of the description. -#}
{% macro _add_secret_problems(problems, described, specs) -%}
    {%- set place = 'policy_api.secrets' -%}
    {%- set said = described.get('secrets') -%}
    {%- set single = policy_workflow._setting('policy_api_secret', specs) -%}
    {%- set types = {} -%}
    {%- set name = '"[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*){2}"' -%}
    {%- set right = '[A-Za-z_][A-Za-z0-9_]* [{]"name": ' ~ name ~ '(, "type": "[a-z0-9_]+")?[}] '
        ~ '(generic_string|password|oauth2)' -%}
    {%- if single and said is none -%}
        {%- do types.update({'policy_api_secret': policy_workflow._setting('policy_api_secret_type', specs)}) -%}
    {%- elif single -%}
        {%- do policy_workflow._add_problem(problems, place, 'secrets_twice') -%}
    {%- elif said is not none and said is not mapping -%}
        {%- do policy_workflow._add_problem(problems, place, 'secrets', {'got': policy_workflow._kind(said)}) -%}
    {%- endif -%}
    {%- for alias, secret in (said if said is mapping else {}).items() if secret is not none -%}
        {%- set stated = secret if secret is mapping else {'name': secret} -%}
        {%- set type = stated.get('type') or 'generic_string' -%}
        {%- do types.update({alias: type}) -%}
        {%- set text = alias ~ ' ' ~ tojson(stated) ~ ' ' ~ type -%}
        {%- if not modules.re.fullmatch(right, text) -%}
            {%- set here = policy_workflow._place_in(place, alias) -%}
            {%- do policy_workflow._add_one_secret_problems(problems, here, alias, secret, specs) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(types) -}}
{%- endmacro %}

{#- Returns nothing: adds what is wrong with one secret. -#}
{% macro _add_one_secret_problems(problems, place, alias, secret, specs) -%}
    {%- set stated = secret if secret is mapping else {'name': secret} -%}
    {%- if not modules.re.fullmatch('[A-Za-z_][A-Za-z0-9_]*', alias) -%}
        {%- do policy_workflow._add_problem(problems, place, 'alias') -%}
    {%- endif -%}
    {%- do policy_workflow._add_key_problems(problems, place, stated, ['name', 'type'], []) -%}
    {%- set name = stated.get('name') -%}
    {%- if name is not string or not modules.re.fullmatch(specs.policy_api_secret.pattern, name) -%}
        {%- set in_mapping = secret is mapping and name is not none -%}
        {%- set or_mapping = '' if in_mapping else ', or {name: database.schema.secret, type: ...}' -%}
        {%- set values = {'got': policy_workflow._kind(name if in_mapping else secret), 'or_mapping': or_mapping} -%}
        {%- set here = place ~ ('.name' if in_mapping else '') -%}
        {%- do policy_workflow._add_problem(problems, here, 'secret_name', values) -%}
    {%- endif -%}
    {%- set type = stated.get('type') or 'generic_string' -%}
    {%- if type not in ['generic_string', 'password', 'oauth2'] -%}
        {%- set values = {'got': policy_workflow._got(type)} -%}
        {%- do policy_workflow._add_problem(problems, place ~ '.type', 'secret_type', values) -%}
    {%- endif -%}
{%- endmacro %}
