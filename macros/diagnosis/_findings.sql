{#- What the diagnosis found: findings, each with check, level, says and next. -#}

{#- Returns nothing: adds a finding. `text` names an entry of _finding_texts, `values` are what its
    placeholders stand for, `level` is used where the entry has none of its own. -#}
{% macro _add_finding(findings, text, values={}, level=none) -%}
    {%- set entry = policy_workflow._finding_texts()[text] -%}
    {%- do findings.append({
        'check': policy_workflow._filled(entry.check, values),
        'level': level or entry.level,
        'says': policy_workflow._filled(entry.says, values),
        'next': policy_workflow._filled(entry.next, values) if entry.next else none
    }) -%}
{%- endmacro %}

{#- Returns nothing: logs findings for people, each with a sign, and below it what mends it. `execution_id` is shown
    as `named`. -#}
{% macro _log_findings(findings, execution_id=none, named=none) -%}
    {%- set signs = {'ok': '✅', 'warn': '⚠️ ', 'error': '❌', 'skipped': '➖'} -%}
    {%- for finding in findings -%}
        {%- set check = named if finding.check == execution_id else finding.check -%}
        {%- do policy_workflow._log(signs[finding.level] ~ " " ~ check ~ ": " ~ finding.says) -%}
        {%- if finding.next -%}{%- do policy_workflow._log("     next: " ~ finding.next) -%}{%- endif -%}
    {%- endfor -%}
{%- endmacro %}
