{#- Of the procedures that were found, those that this version does not register: older signatures, and
    what is no longer part of the workflow. Refuses where one that it would replace is not ours. -#}
{% macro _old_procedures(found) -%}
    {%- set judged = policy_workflow._judged_procedures(found | rejectattr('fits') | list + found | selectattr('fits') | selectattr('hash', 'none') | list) -%}
    {%- for procedure in judged if procedure.fits and procedure.verdict != 'ours' -%}
        {%- set relation = policy_workflow._relation_name(procedure.name) -%}
        {{- policy_workflow._fail(relation ~ "(" ~ procedure.types ~ ") is not the workflow's, or belongs to another role: it has no COMMENT of ours, and no body that names the state table. Nothing was changed. Drop it (drop procedure " ~ relation ~ "(" ~ procedure.types ~ ")), or let the workflow live elsewhere: the var policy_workflow_schema") -}}
    {%- endfor -%}
    {{- return(judged | rejectattr('fits') | list) -}}
{%- endmacro %}
