{#- How a procedure is registered. -#}

{#- Returns the CREATE PROCEDURE statement of one procedure, and the hash of all but its COMMENT. The COMMENT
    carries the hash, by which SHOW PROCEDURES says whether the registration is current
    (docs/snowflake_facts.md#show-and-describe), the name of the dbt project that registers, and `marks`, which
    is what _registration_marks returns. `body` is what _body_with_settings returns; all procedures share it
    but for the one that explains. -#}
{% macro _procedure_ddl(name, body, marks='') -%}
    {%- set specs = policy_workflow._setting_specs() -%}
    {%- set repository = policy_workflow._setting('policy_artifact_repository', specs) -%}
    {%- set packages = [] -%}
    {%- for package in policy_workflow._setting('policy_packages', specs) -%}
        {%- do packages.append(policy_workflow._sql_literal(package)) -%}
    {%- endfor -%}
    {#- The procedure that explains sends nothing: it has no way out, no secrets, and no settings but those of
        a request. So a description can be tried without any registration. -#}
    {%- set integrations = [] -%}
    {%- set secrets = [] -%}
    {%- if name == 'explain_policy_api' -%}
        {%- set body = policy_workflow._procedure_body('{}') -%}
    {%- else -%}
        {%- set integrations = policy_workflow._setting('policy_external_access_integrations', specs) -%}
        {%- set secrets = policy_workflow._policy_api_secrets(specs) -%}
    {%- endif -%}
    {%- set head -%}
create or replace procedure {{ policy_workflow._relation_name(name) }}(request varchar)
copy grants
returns variant
language python
runtime_version = {{ policy_workflow._sql_literal(policy_workflow._setting('policy_runtime_version', specs)) }}
{%- if repository %}
artifact_repository = {{ repository }}
{%- endif %}
packages = ({{ packages | join(', ') }})
handler = {{ policy_workflow._sql_literal(name) }}
{%- if integrations %}
external_access_integrations = ({{ integrations | join(', ') }})
{%- endif %}
{%- if secrets %}
secrets = ({{ policy_workflow._secrets_by_alias(secrets) }})
{%- endif %}
    {%- endset -%}
    {%- set hash = local_md5(head ~ body) -%}
    {%- set comment = "'policy_workflow " ~ hash ~ " of " ~ project_name ~ marks ~ "'" -%}
    {%- set tail = "\ncomment = " ~ comment ~ "\nexecute as owner\nas\n$$\n" ~ body ~ "\n$$" -%}
    {{- return({'hash': hash, 'statement': head ~ tail}) -}}
{%- endmacro %}

{#- Returns the list of SECRETS of a procedure: each secret's alias, and its name. -#}
{% macro _secrets_by_alias(secrets) -%}
    {%- set pairs = [] -%}
    {%- for secret in secrets -%}
        {%- do pairs.append(policy_workflow._sql_literal(secret.alias) ~ ' = ' ~ secret.name) -%}
    {%- endfor -%}
    {{- return(pairs | join(', ')) -}}
{%- endmacro %}

{#- Returns the body of all procedures, with the settings of the vars in it, as JSON: a caller cannot change
    them. -#}
{% macro _body_with_settings() -%}
    {#- Keys are not sorted: a body of the API is sent with its keys in the order in which they are said. -#}
    {%- set body = policy_workflow._procedure_body(tojson(policy_workflow._baked_settings())) -%}
    {%- if '$$' in body -%}
        {{- policy_workflow._fail("a var that is baked into the procedures holds $$, which would end their body") -}}
    {%- endif -%}
    {{- return(body) -}}
{%- endmacro %}

{#- Returns the settings that the procedures work with, as a mapping. -#}
{% macro _baked_settings() -%}
    {%- set specs = policy_workflow._setting_specs() -%}
    {%- set settings = {
        'state_table': policy_workflow._relation_name('policy_execution_state'),
        'events_table': policy_workflow._relation_name('policy_execution_events'),
        'runs_table': policy_workflow._relation_name('policy_execution_runs'),
        'breakers_table': policy_workflow._relation_name('policy_api_breakers')
    } -%}
    {%- for name, spec in specs.items() if spec.baked -%}
        {%- do settings.update({spec.baked: policy_workflow._setting(name, specs)}) -%}
    {%- endfor -%}
    {%- do settings.update({'api': policy_workflow._policy_api(specs)}) -%}
    {{- return(settings) -}}
{%- endmacro %}
