{#- A SECRET that cannot be used: only a command that fails comes here. -#}

{#- Returns nothing; ends the command where a procedure says that a secret cannot be used. `run` is the id of a run
    that goes on with retry_policy_workflow, or none where the same command does: then nothing is recorded. -#}
{% macro _fail_secret(problem, run=none) -%}
    {%- set secret = policy_workflow._secret_of(problem) -%}
    {%- set sent = " Nothing was sent." -%}
    {%- set again = "run the same command again" -%}
    {%- if run is not none -%}
        {%- set sent = " Nothing more was sent; the executions stay as they are." -%}
        {%- set again = "dbt run-operation retry_policy_workflow --args '{run: " ~ run ~ "}'" -%}
    {%- endif -%}
    {{- policy_workflow._fail([
        "the secret " ~ secret.name ~ " (" ~ secret.place ~ ") " ~ problem.problem ~ "." ~ sent,
        "  To mend it: " ~ policy_workflow._secret_remedy(secret, problem.type),
        "  Then: " ~ again
    ], bare=true) -}}
{%- endmacro %}

{#- Returns the secret that a procedure's `problem` is about: its alias, name and type, and the place in the vars
    that names the secret. -#}
{% macro _secret_of(problem) -%}
    {%- set of_alias = policy_workflow._policy_api_secrets() | selectattr('alias', 'equalto', problem.alias) | list -%}
    {%- set is_of_var = problem.alias == 'policy_api_secret' and policy_workflow._setting('policy_api_secret') -%}
    {%- set place = 'policy_api_secret' if is_of_var else 'policy_api.secrets.' ~ problem.alias -%}
    {%- set type_place = 'policy_api_secret_type' if is_of_var else place ~ '.type' -%}
    {{- return(dict(of_alias[0], place=place, type_place=type_place)) -}}
{%- endmacro %}

{#- Returns what mends a secret: another value, or where the secret is of another type, `found`, what the vars say
    of the type. -#}
{% macro _secret_remedy(secret, found=none) -%}
    {%- set remedy = "alter secret " ~ secret.name ~ " set " ~ {
        'password': "username = '...' password = '...'",
        'oauth2': "oauth_refresh_token = '...'"
    }.get(secret.type, "secret_string = '...'") -%}
    {%- if found in ('generic_string', 'password', 'oauth2') -%}
        {%- set remedy = "set " ~ secret.type_place ~ " to " ~ found -%}
    {%- elif found -%}
        {%- set remedy = "name a secret of type " ~ secret.type ~ " in " ~ secret.place -%}
    {%- endif -%}
    {{- return(remedy) -}}
{%- endmacro %}
