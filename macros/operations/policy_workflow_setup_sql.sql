{% macro policy_workflow_setup_sql(part=none, apply=false) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments(
            'policy_workflow_setup_sql', ['part', 'apply'], {}, kwargs, varargs
        ) -%}
        {%- set names = {'legal': [none, 'account', 'schema', 'deployer'], 'says': 'account, schema or deployer'} -%}
        {%- do policy_workflow._check_argument('part', part, names) -%}
        {%- do policy_workflow._check_argument('apply', apply, {'type': 'boolean'}) -%}
        {%- do policy_workflow._check_settings() -%}
        {%- set lines = [] -%}
        {%- for one in policy_workflow._setup_parts() if part in (none, one.part) -%}
            {%- for line in one.heading -%}{%- do lines.append('-- ' ~ line) -%}{%- endfor -%}
            {%- do lines.append('') -%}
            {%- for statement in one.statements -%}
                {%- for line in statement.says -%}{%- do lines.append('-- ' ~ line) -%}{%- endfor -%}
                {%- do lines.append(statement.sql ~ ';\n') -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- do print(lines | join('\n')) -%}
        {%- if apply -%}
            {#- The third part grants what a deployment makes, so it comes after a deployment. -#}
            {%- set parts = ['account', 'schema'] if part is none else [part] -%}
            {%- for one in policy_workflow._setup_parts() if one.part in parts -%}
                {%- if one.part == 'deployer' -%}{%- do policy_workflow._say_managed_access() -%}{%- endif -%}
                {%- for statement in one.statements -%}
                    {%- do run_query(statement.sql) -%}
                {%- endfor -%}
                {%- set done = one.statements | length ~ " statement(s) executed" -%}
                {%- do policy_workflow._log("✅ policy_workflow: set-up, part " ~ one.part ~ ": " ~ done) -%}
            {%- endfor -%}
            {%- if part is none -%}
                {%- do policy_workflow._log(
                    "policy_workflow: next, as role " ~ policy_workflow._setup_names().deployer
                    ~ ": dbt run-operation deploy_policy_workflow, then dbt run-operation policy_workflow_setup_sql "
                    ~ "--args '{part: deployer, apply: true}'"
                ) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
