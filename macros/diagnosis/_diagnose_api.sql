{#- Returns nothing: sends one GET from inside Snowflake, for a policy that is not there, which changes nothing,
    and adds what it finds. Any answer but a refusal of the token shows that the way is open; 404 is
    expected. Which versions the account resolved for the procedures is known only inside of them. -#}
{% macro _diagnose_api(findings) -%}
    {%- set answer = policy_workflow._call_procedure('check_policy_api', {'invocation_id': invocation_id}) -%}
    {%- set versions = [] -%}
    {%- for name, version in (answer.get('versions') or {}) | dictsort -%}
        {%- do versions.append(name ~ ' ' ~ version) -%}
    {%- endfor -%}
    {%- set inside = "; inside run " ~ versions | join(', ') if versions else "" -%}
    {%- set status = answer.get('http_status') -%}
    {%- set is_answered = status is not none and (status < 400 or status == 404) -%}
    {%- if is_answered and answer.error_class != 'Redirect' -%}
        {%- do policy_workflow._add_finding(findings, 'api', {
            'url': answer.url, 'status': status, 'duration': answer.duration_ms, 'versions': inside
        }) -%}
    {%- else -%}
        {%- set cause = policy_workflow._failure_cause(answer) -%}
        {%- set passing = ('api_unavailable', 'api_rate_limited', 'api_rejected') -%}
        {%- set level = 'warn' if cause.name in passing else 'error' -%}
        {%- do policy_workflow._add_finding(findings, 'api_fails', {
            'cause': cause.name, 'message': answer.message, 'versions': inside, 'remedy': cause.remedy
        }, level) -%}
    {%- endif -%}
{%- endmacro %}
