{#- Returns nothing: asks each host of the API once from inside Snowflake, for a policy that is not there, which
    changes nothing, and adds what it finds. Any answer but a refusal of the token shows that the way is open; 404 is
    expected. Which versions the account resolved for the procedures is known only inside of them. -#}
{% macro _diagnose_api(findings) -%}
    {%- set answer = policy_workflow._call_procedure('check_policy_api', {'invocation_id': invocation_id}) -%}
    {%- set versions = [] -%}
    {%- for name, version in (answer.get('versions') or {}) | dictsort -%}
        {%- do versions.append(name ~ ' ' ~ version) -%}
    {%- endfor -%}
    {%- set inside = "; inside run " ~ versions | join(', ') if versions else "" -%}
    {%- do policy_workflow._add_api_finding(findings, answer, inside) -%}
    {%- for other in answer.get('others') or [] -%}
        {#- The root of a host is no endpoint: any answer of it shows that the way is open. -#}
        {%- do policy_workflow._add_api_finding(findings, other, '', most=499) -%}
    {%- endfor -%}
{%- endmacro %}

{#- Returns nothing: adds what one host of the API answered. `versions` are those inside Snowflake, or ''; up to
    the HTTP status `most`, and with 404, the answer is as it should be. -#}
{% macro _add_api_finding(findings, answer, versions, most=399) -%}
    {%- set status = answer.get('http_status') -%}
    {%- set is_answered = status is not none and (status <= most or status == 404) -%}
    {%- if is_answered and (answer.error_class != 'Redirect' or most > 399) -%}
        {%- do policy_workflow._add_finding(findings, 'api', {
            'url': answer.url, 'status': status, 'duration': answer.duration_ms, 'versions': versions
        }) -%}
    {%- else -%}
        {%- set cause = policy_workflow._failure_cause(answer) -%}
        {%- set passing = ('api_unavailable', 'api_rate_limited', 'api_rejected') -%}
        {%- set level = 'warn' if cause.name in passing else 'error' -%}
        {%- set problem = answer.get('secret_problem') -%}
        {%- if problem -%}
            {%- set remedy = policy_workflow._secret_remedy(policy_workflow._secret_of(problem), problem.type) -%}
        {%- else -%}
            {%- set remedy = policy_workflow._remedy(cause) -%}
        {%- endif -%}
        {%- do policy_workflow._add_finding(findings, 'api_fails', {
            'cause': cause.name, 'message': answer.message, 'versions': versions, 'remedy': remedy
        }, level) -%}
    {%- endif -%}
{%- endmacro %}
