{#- Whether the rules let requests out to the API's host and port; only a rule's owner sees its values. -#}
{% macro _diagnose_network_rules(findings, role, rules) -%}
    {%- set host = policy_workflow._api_address().host -%}
    {%- set port = policy_workflow._api_address().port -%}
    {%- set values = [] -%}
    {%- set hidden = [] -%}
    {%- for rule in rules | unique -%}
        {%- set seen = [] -%}
        {%- for row in run_query("show network rules like " ~ policy_workflow._sql_literal(rule.split('.')[-1]) ~ " in account").rows -%}
            {%- if row['owner'] == role and (row['database_name'] ~ '.' ~ row['schema_name'] ~ '.' ~ row['name']) | upper == rule | upper -%}
                {%- do seen.append(row) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if seen -%}
            {%- for row in run_query("describe network rule " ~ rule).rows -%}
                {%- do values.extend(modules.re.findall('[^\\[\\],\\s\'"]+', row['value_list'] | string)) -%}
            {%- endfor -%}
        {%- else -%}
            {%- do hidden.append(rule) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set allowing = [] -%}
    {%- for value in values -%}
        {%- set name, allowed = (value | lower ~ ':443').split(':')[:2] -%}
        {%- set pattern = modules.re.escape(name).replace('\\*', '[a-z0-9-]+') -%}
        {%- if modules.re.fullmatch(pattern, host) and allowed in (port, '0') -%}{%- do allowing.append(value) -%}{%- endif -%}
    {%- endfor -%}
    {%- if allowing -%}
        {%- do policy_workflow._add_finding(findings, 'network rule', 'ok', allowing[0] ~ " is allowed") -%}
    {%- elif hidden -%}
        {%- do policy_workflow._add_finding(findings, 'network rule', 'skipped', "role " ~ role ~ " does not own " ~ hidden | join(', ') ~ " and cannot see whether " ~ host ~ ":" ~ port ~ " is allowed", "dbt run-operation diagnose_policy_execution --args '{check_api: true}'") -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'network rule', 'error', host ~ ":" ~ port ~ " is not allowed; allowed: " ~ (values | join(', ') or 'nothing'), "alter network rule " ~ rules[0] ~ " set value_list = (" ~ (values + [host ~ ':' ~ port]) | map('tojson') | join(', ') | replace('"', "'") ~ ")") -%}
    {%- endif -%}
{%- endmacro %}
