{#- Adds to what _owners answers the owners that INFORMATION_SCHEMA hides from those who do not own the
    procedure (facts, 00): SHOW GRANTS tells them to everybody who may use it. -#}
{% macro _add_hidden_owners(names, owners) -%}
    {%- for name in names -%}
        {%- if owners[name] is none -%}
            {%- for row in run_query("show grants on procedure " ~ policy_workflow._relation_name(name) ~ "(varchar)").rows -%}
                {%- if row['privilege'] | upper == 'OWNERSHIP' -%}{%- do owners.update({name: row['grantee_name']}) -%}{%- endif -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
