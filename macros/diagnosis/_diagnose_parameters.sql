{#- Returns whether quoted names keep their case; adds what it finds about the two parameters that change what
    our SQL means (docs/snowflake_facts.md#identifiers, docs/snowflake_facts.md#time): the session's value,
    and the account's, which holds inside the procedures. -#}
{% macro _diagnose_parameters(findings, user) -%}
    {%- set values = {} -%}
    {%- for name in ['QUOTED_IDENTIFIERS_IGNORE_CASE', 'TIMEZONE'] -%}
        {%- for scope in ['session', 'account'] -%}
            {%- for row in run_query("show parameters like '" ~ name ~ "' in " ~ scope).rows if row['key'] == name -%}
                {%- do values.update({name ~ ' ' ~ scope: row['value'] | string}) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set folding = [] -%}
    {%- for scope in ['session', 'account'] -%}
        {%- if values.get('QUOTED_IDENTIFIERS_IGNORE_CASE ' ~ scope, 'false') | lower == 'true' -%}
            {%- do folding.append(scope) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if folding == ['session'] -%}
        {%- do policy_workflow._add_finding(findings, 'case_lost_in_session', {'user': user}) -%}
    {%- elif folding -%}
        {%- set scopes = folding | join(' and the ') -%}
        {%- do policy_workflow._add_finding(findings, 'case_lost_in_account', {'scopes': scopes}) -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'case') -%}
    {%- endif -%}
    {%- set here = values.get('TIMEZONE session', 'unknown') -%}
    {%- set account = values.get('TIMEZONE account', here) -%}
    {%- if here == account -%}
        {%- do policy_workflow._add_finding(findings, 'time_zone', {'here': here}) -%}
    {%- else -%}
        {%- set zones = {'here': here, 'account': account, 'user': user} -%}
        {%- do policy_workflow._add_finding(findings, 'time_zones_differ', zones) -%}
    {%- endif -%}
    {{- return(not folding) -}}
{%- endmacro %}
