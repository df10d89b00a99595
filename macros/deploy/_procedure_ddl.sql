{#- The CREATE PROCEDURE statement of one procedure. COMMENT carries the hash of everything else,
    so that SHOW PROCEDURES tells whether the registration is current (facts, 8), and the dbt project that
    registers it. `body` is that of
    _body_with_settings, which all of them share. -#}
{% macro _procedure_ddl(name, body) -%}
    {%- set secret = policy_workflow._setting('policy_api_secret') -%}
    {%- set repository = policy_workflow._setting('policy_artifact_repository') -%}
    {%- set packages = [] -%}
    {%- for package in policy_workflow._setting('policy_packages') -%}
        {%- do packages.append(policy_workflow._sql_literal(package)) -%}
    {%- endfor -%}
    {%- set head -%}
create or replace procedure {{ policy_workflow._relation_name(name) }}(request varchar)
copy grants
returns variant
language python
runtime_version = {{ policy_workflow._sql_literal(policy_workflow._setting('policy_runtime_version')) }}
{%- if repository %}
artifact_repository = {{ repository }}
{%- endif %}
packages = ({{ packages | join(', ') }})
handler = {{ policy_workflow._sql_literal(name) }}
external_access_integrations = ({{ policy_workflow._setting('policy_external_access_integrations') | join(', ') }})
{%- if secret %}
secrets = ('policy_api_secret' = {{ secret }})
{%- endif %}
    {%- endset -%}
    {%- set hash = local_md5(head ~ body) -%}
    {{- return({
        'hash': hash,
        'statement': head ~ "\ncomment = 'policy_workflow " ~ hash ~ " of " ~ project_name ~ "'\nexecute as owner\nas\n$$\n" ~ body ~ "\n$$"
    }) -}}
{%- endmacro %}
