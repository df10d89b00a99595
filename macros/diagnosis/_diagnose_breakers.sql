{#- Returns nothing: adds the breakers towards the API that are not closed and that count: with
    policy_api_breaker_failures 0 none does, nor does one of an address that the project no longer has. -#}
{% macro _diagnose_breakers(findings) -%}
    {%- set statement -%}
select
    b."endpoint",
    b."url",
    b."state",
    to_varchar(b."opened_at", 'YYYY-MM-DD HH24:MI:SS') as "since",
    to_varchar(
        case when b."state" = 'half_open' then b."probe_expires_at" else b."retry_at" end,
        'YYYY-MM-DD HH24:MI:SS'
    ) as "until",
    b."problem"
from {{ policy_workflow._relation_name('policy_api_breakers') }} as b
where b."state" <> 'closed'
order by b."endpoint"
    {%- endset -%}
    {%- set addresses = {} -%}
    {%- if policy_workflow._setting('policy_api_breaker_failures') -%}
        {%- set described = policy_workflow._policy_api() -%}
        {%- for name in ['find', 'create', 'poll', 'trigger'] if described[name] -%}
            {%- do addresses.update({name: described[name].method ~ ' ' ~ described[name].url}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set rows = [] -%}
    {%- for row in (run_query(statement).rows if addresses else []) -%}
        {%- if row['url'] == addresses[row['endpoint']] -%}{%- do rows.append(row) -%}{%- endif -%}
    {%- endfor -%}
    {%- for row in rows -%}
        {%- do policy_workflow._add_finding(findings, 'breaker', {
            'endpoint': row['endpoint'],
            'since': row['since'],
            'until': row['until'],
            'state': 'a run probes it' if row['state'] == 'half_open' else 'nothing is sent',
            'problem': row['problem']
        }) -%}
    {%- endfor -%}
    {%- if not rows -%}
        {%- set text = 'breakers_closed' if addresses else 'breakers_off' -%}
        {%- do policy_workflow._add_finding(findings, text) -%}
    {%- endif -%}
{%- endmacro %}
