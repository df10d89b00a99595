{#- Returns nothing: adds the breakers towards the API that are not closed. -#}
{% macro _diagnose_breakers(findings) -%}
    {%- set statement -%}
select
    b."endpoint",
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
    {%- set rows = run_query(statement).rows -%}
    {%- for row in rows -%}
        {%- do policy_workflow._add_finding(findings, 'breaker', {
            'endpoint': row['endpoint'],
            'since': row['since'],
            'until': row['until'],
            'state': 'a run probes it' if row['state'] == 'half_open' else 'nothing is sent',
            'problem': row['problem']
        }) -%}
    {%- endfor -%}
    {%- if not rows -%}{%- do policy_workflow._add_finding(findings, 'breakers_closed') -%}{%- endif -%}
{%- endmacro %}
