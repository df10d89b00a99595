{#- The statements that make what an administrator makes. Nothing is replaced: a replaced integration or
    secret would lose its grants and its value (facts, 6.1). What may be there already with another
    setting is altered after it; a secret's value is never touched. -#}
{% macro _setup_objects() -%}
    {%- set n = policy_workflow._setup_names() -%}
    {%- set placeholder = {
        'generic_string': "secret_string = 'placeholder'",
        'password': "username = 'placeholder' password = 'placeholder'"
    } -%}
    {%- set real = {
        'generic_string': "secret_string = '<the token>'",
        'password': "username = '<the user>' password = '<the password>'"
    } -%}
    {%- set allowed = 'allowed_network_rules = (' ~ n.rule ~ ')' ~ ('\n    allowed_authentication_secrets = (' ~ n.secret ~ ')' if n.secret else '') ~ '\n    enabled = true' -%}
    {%- set statements = [
        {'says': ['The smallest size is enough; it sleeps after a minute.'], 'sql': 'create warehouse if not exists ' ~ n.warehouse ~ '\n    warehouse_size = xsmall\n    auto_suspend = 60\n    auto_resume = true\n    initially_suspended = true'}
    ] -%}
    {%- for role, says in [(n.deployer, 'Creates tables, procedures and views, and owns them.'), (n.runner, 'Runs policies; changes nothing but through the procedures.'), (n.reader, 'Reads tables and views.')] -%}
        {%- do statements.append({'says': [says, 'Give it to people and jobs: grant role ' ~ role ~ ' to user ...;'], 'sql': 'create role if not exists ' ~ role}) -%}
    {%- endfor -%}
    {%- set schemas = [n.schema, n.models] -%}
    {%- set databases = [] -%}
    {%- for name in [n.rule, n.secret] if name -%}
        {%- do schemas.append(name.rpartition('.')[0]) -%}
    {%- endfor -%}
    {%- for schema in schemas -%}
        {%- do databases.append(schema.split('.')[0]) -%}
    {%- endfor -%}
    {%- for database in databases | unique -%}
        {%- do statements.append({'says': [], 'sql': 'create database if not exists ' ~ database}) -%}
    {%- endfor -%}
    {%- for schema in schemas | unique -%}
        {%- do statements.append({'says': [], 'sql': 'create schema if not exists ' ~ schema}) -%}
    {%- endfor -%}
    {%- do statements.append({'says': ['Exactly the API: other hosts, and other ports of this one, stay closed.'], 'sql': 'create network rule if not exists ' ~ n.rule ~ "\n    mode = egress\n    type = host_port\n    value_list = (" ~ policy_workflow._sql_literal(n.host) ~ ")"}) -%}
    {%- do statements.append({'says': ['Where the rule was there before.'], 'sql': 'alter network rule ' ~ n.rule ~ " set value_list = (" ~ policy_workflow._sql_literal(n.host) ~ ")"}) -%}
    {%- set making = ["The workflow's own: what else an integration of this name allows is taken from it below."] -%}
    {%- if n.secret and n.secret_type == 'oauth2' -%}
        {%- do making.append('The secret ' ~ n.secret ~ ' is yours to make before this: it needs a security integration.') -%}
    {%- elif n.secret -%}
        {%- do statements.append({'says': ['The real value, which must stand in no file:', 'alter secret ' ~ n.secret ~ ' set ' ~ real[n.secret_type] ~ ';'], 'sql': 'create secret if not exists ' ~ n.secret ~ '\n    type = ' ~ n.secret_type ~ '\n    ' ~ placeholder[n.secret_type]}) -%}
    {%- endif -%}
    {%- do statements.append({'says': making, 'sql': 'create external access integration if not exists ' ~ n.integration ~ '\n    ' ~ allowed}) -%}
    {%- do statements.append({'says': ['Where it was there before; its grants stay.'], 'sql': 'alter external access integration ' ~ n.integration ~ ' set\n    ' ~ allowed}) -%}
    {{- return(statements) -}}
{%- endmacro %}
