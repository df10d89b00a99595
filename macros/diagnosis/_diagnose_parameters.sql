{#- The two parameters that change what our SQL means (facts, 9.2, 9.3): this session's value and the
    account's, which holds inside the procedures. Answers whether quoted names keep their case. -#}
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
    {%- for scope in ['session', 'account'] if values.get('QUOTED_IDENTIFIERS_IGNORE_CASE ' ~ scope, 'false') | lower == 'true' -%}
        {%- do folding.append(scope) -%}
    {%- endfor -%}
    {%- if folding -%}
        {%- do policy_workflow._add_finding(findings, 'QUOTED_IDENTIFIERS_IGNORE_CASE', 'error', "true for the " ~ folding | join(' and the ') ~ ": quoted lower-case columns are not found", "alter user " ~ user ~ " set QUOTED_IDENTIFIERS_IGNORE_CASE = false" if folding == ['session'] else "alter account set QUOTED_IDENTIFIERS_IGNORE_CASE = false (the account's value holds inside the procedures)") -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'QUOTED_IDENTIFIERS_IGNORE_CASE', 'ok', "false") -%}
    {%- endif -%}
    {%- set here = values.get('TIMEZONE session', 'unknown') -%}
    {%- set account = values.get('TIMEZONE account', here) -%}
    {%- if here == account -%}
        {%- do policy_workflow._add_finding(findings, 'TIMEZONE', 'ok', here ~ "; start_time and last_poll_time are in it, all else is UTC") -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'TIMEZONE', 'warn', here ~ " in this session, " ~ account ~ " in the account: start_time and last_poll_time mean different times to different sessions; nothing is decided by them", "alter user " ~ user ~ " unset timezone") -%}
    {%- endif -%}
    {{- return(not folding) -}}
{%- endmacro %}
