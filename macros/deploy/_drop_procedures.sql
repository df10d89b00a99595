{#- Returns nothing: drops those of some procedures that _judged_procedures found to be ours, and logs of each
    what became of it, and why. -#}
{% macro _drop_procedures(procedures) -%}
    {%- for procedure in procedures -%}
        {%- set signature = "(" ~ procedure.types ~ ")" -%}
        {%- set drop = "drop procedure if exists " ~ policy_workflow._relation_name(procedure.name) ~ signature -%}
        {%- if procedure.verdict == 'ours' -%}
            {%- do run_query(drop) -%}
        {%- endif -%}
        {%- set says = "procedure " ~ procedure.name ~ signature -%}
        {%- if procedure.verdict == 'ours' and procedure.fits -%}
            {%- set says = "dropped " ~ says ~ " of this version" -%}
        {%- elif procedure.verdict == 'ours' -%}
            {%- set says = "dropped " ~ says ~ " of an older version; grants on it are gone with it" -%}
        {%- elif procedure.verdict == 'hidden' -%}
            {%- set says = "left " ~ says ~ ": another role owns it. Its owner drops it: " ~ drop -%}
        {%- else -%}
            {%- set says = "left " ~ says ~ ": neither its COMMENT nor its body says that it is the workflow's. "
                ~ "If it is: " ~ drop -%}
        {%- endif -%}
        {%- do policy_workflow._log("policy_workflow: " ~ says) -%}
    {%- endfor -%}
{%- endmacro %}
