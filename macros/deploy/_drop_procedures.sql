{#- Drops those procedures that are judged ours, and says of each what became of it, and why. -#}
{% macro _drop_procedures(procedures) -%}
    {%- for procedure in procedures -%}
        {%- set says = "procedure " ~ procedure.name ~ "(" ~ procedure.types ~ ")" -%}
        {%- set statement = "drop procedure if exists " ~ policy_workflow._relation_name(procedure.name) ~ "(" ~ procedure.types ~ ")" -%}
        {%- if procedure.verdict == 'ours' -%}
            {%- do run_query(statement) -%}
            {%- do policy_workflow._log("policy_workflow: dropped " ~ says ~ (" of this version" if procedure.fits else " of an older version; grants on it are gone with it")) -%}
        {%- elif procedure.verdict == 'hidden' -%}
            {%- do policy_workflow._log("policy_workflow: left " ~ says ~ ": another role owns it. Its owner drops it: " ~ statement) -%}
        {%- else -%}
            {%- do policy_workflow._log("policy_workflow: left " ~ says ~ ": neither its COMMENT nor its body says that it is the workflow's. If it is: " ~ statement) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
