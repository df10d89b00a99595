{#- Why a procedure is registered anew: what its COMMENT says of the vars and of the package with which it was
    registered, beside what they are now. -#}

{#- Returns the names of the vars that are part of a registration, in a fixed order, without database and schema:
    there a registration is another one. -#}
{% macro _registered_vars(specs) -%}
    {%- set names = [
        'policy_api', 'policy_api_base_url', 'policy_api_secret', 'policy_api_secret_type', 'policy_api_auth_header',
        'policy_api_auth_scheme', 'policy_artifact_repository', 'policy_packages',
        'policy_external_access_integrations', 'policy_runtime_version'
    ] -%}
    {%- for name, spec in specs.items() if spec.baked -%}{%- do names.append(name) -%}{%- endfor -%}
    {{- return(names | sort) -}}
{%- endmacro %}

{#- Returns the end of the COMMENT of procedures that are registered now: a hash of the package, and four digits for
    each var, which show that its value is another one, and not the value. -#}
{% macro _registration_marks() -%}
    {%- set specs = policy_workflow._setting_specs() -%}
    {%- set names = policy_workflow._registered_vars(specs) -%}
    {%- set package = local_md5(policy_workflow._procedure_body('{}') ~ names | join(' ')) -%}
    {%- set digits = [] -%}
    {%- for name in names -%}
        {%- do digits.append(local_md5(name ~ tojson(policy_workflow._setting(name, specs)))[:4]) -%}
    {%- endfor -%}
    {{- return(", package " ~ package[:8] ~ ", vars " ~ digits | join) -}}
{%- endmacro %}

{#- Returns in words why a procedure is registered anew, without the values of vars. `registered` is one of what
    _registered_procedures returns, or none; `marks` is what _registration_marks returns. -#}
{% macro _registration_reason(registered, marks) -%}
    {%- set reason = "the registration changed" -%}
    {%- if not registered -%}
        {%- set reason = "missing" -%}
    {%- elif registered.project not in (none, project_name) -%}
        {%- set reason = "taken over from the dbt project " ~ registered.project -%}
    {%- elif (registered.marks or '')[:18] != marks[:18] -%}
        {%- set reason = "the package changed" -%}
    {%- else -%}
        {%- set changed = [] -%}
        {%- for name in policy_workflow._registered_vars(policy_workflow._setting_specs()) -%}
            {%- set at = 25 + 4 * loop.index0 -%}
            {%- if registered.marks[at:at + 4] != marks[at:at + 4] -%}{%- do changed.append(name) -%}{%- endif -%}
        {%- endfor -%}
        {%- if changed -%}
            {%- set reason = ("the var " if changed | length == 1 else "the vars ") ~ changed | join(", ") ~ " changed" -%}
        {%- endif -%}
    {%- endif -%}
    {{- return(reason) -}}
{%- endmacro %}
