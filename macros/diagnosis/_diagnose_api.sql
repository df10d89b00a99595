{#- One GET from inside Snowflake, for a policy that is not there: it changes nothing. Any answer but a
    refusal of the token shows that the way is open; 404 is the one to expect. What the account resolved for
    the procedures is known only inside of them. -#}
{% macro _diagnose_api(findings) -%}
    {%- set answer = policy_workflow._call_procedure('check_policy_api', {'invocation_id': invocation_id}) -%}
    {%- set versions = [] -%}
    {%- for name, version in (answer.get('versions') or {}) | dictsort -%}{%- do versions.append(name ~ ' ' ~ version) -%}{%- endfor -%}
    {%- set inside = "; inside run " ~ versions | join(', ') if versions else "" -%}
    {%- set status = answer.get('http_status') -%}
    {%- if status is not none and (status < 400 or status == 404) and answer.error_class != 'Redirect' -%}
        {%- do policy_workflow._add_finding(findings, 'API', 'ok', answer.url ~ " answers HTTP " ~ status ~ " in " ~ answer.duration_ms ~ " ms" ~ inside) -%}
    {%- else -%}
        {%- set cause = policy_workflow._failure_cause(answer) -%}
        {%- do policy_workflow._add_finding(findings, 'API', 'warn' if cause.name in ('api_unavailable', 'api_rate_limited', 'api_rejected') else 'error', cause.name ~ ": " ~ answer.message ~ inside, cause.remedy) -%}
    {%- endif -%}
{%- endmacro %}
