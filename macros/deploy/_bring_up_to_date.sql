{#- Returns whether anything was changed. Creates what is missing of tables and procedures, replaces what is
    older, and logs each item. `needed` and `take_over` are those of _ensure_deployed, `found` is what
    _registered_procedures returns, `body` what _body_with_settings does. What another project has deployed
    is not replaced, unless it is taken over. -#}
{% macro _bring_up_to_date(needed, found, body, take_over) -%}
    {%- set known = found | selectattr('project', 'in', [none, project_name]) | list if take_over else found -%}
    {%- set marks = policy_workflow._registration_marks() -%}
    {%- set stale = policy_workflow._stale_procedures(policy_workflow._procedures(), known, body, marks) -%}
    {%- if not take_over and (stale or found | rejectattr('fits') | list) -%}
        {%- do policy_workflow._check_project(found) -%}
    {%- endif -%}
    {%- set old = policy_workflow._old_procedures(found) -%}
    {%- if stale -%}
        {%- set seen = found | map(attribute='name') | list -%}
        {%- do policy_workflow._say_missing_grants(needed | reject('in', seen) | list) -%}
        {%- do policy_workflow._log(
            "policy_workflow: preparing " ~ policy_workflow._schema_name() ~ " (tables, " ~ stale | length
            ~ " procedures): " ~ policy_workflow._stale_reasons(stale, found, marks)
        ) -%}
    {%- endif -%}
    {%- set tables = policy_workflow._create_tables() -%}
    {#- An old procedure with optional arguments would make calls ambiguous, so it is dropped first. -#}
    {%- do policy_workflow._drop_procedures(old | selectattr('has_optional') | list) -%}
    {%- for procedure in stale -%}
        {%- do run_query(procedure.statement) -%}
        {%- do policy_workflow._log("policy_workflow: registered procedure " ~ procedure.name) -%}
    {%- endfor -%}
    {%- do policy_workflow._drop_procedures(old | rejectattr('has_optional') | list) -%}
    {%- set dropped = old | selectattr('verdict', 'equalto', 'ours') | list -%}
    {{- return((tables or stale or dropped) | length > 0) -}}
{%- endmacro %}

{#- Returns in words why procedures are registered anew. Where they have several reasons, each reason names its
    procedures. `found` is what _registered_procedures returns, `marks` what _registration_marks does. -#}
{% macro _stale_reasons(stale, found, marks) -%}
    {%- set names = {} -%}
    {%- for procedure in stale -%}
        {%- set named = found | selectattr('fits') | selectattr('name', 'equalto', procedure.name) | list -%}
        {%- set reason = policy_workflow._registration_reason(named | first if named else none, marks) -%}
        {%- do names.update({reason: names.get(reason, []) + [procedure.name]}) -%}
    {%- endfor -%}
    {%- set reasons = [] -%}
    {%- for reason, of in names.items() -%}
        {%- do reasons.append(reason if names | length == 1 else reason ~ " (" ~ of | join(", ") ~ ")") -%}
    {%- endfor -%}
    {{- return(reasons | join("; ")) -}}
{%- endmacro %}
