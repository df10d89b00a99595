{#- Returns the statements that make what an administrator makes, each with what it is for. Nothing is
    replaced: a replaced integration or secret would lose its grants and its value
    (docs/snowflake_facts.md#external-access). What may be there already with another setting is altered
    after its creation; a secret's value is never touched. -#}
{% macro _setup_objects() -%}
    {%- set n = policy_workflow._setup_names() -%}
    {%- set literals = [] -%}
    {%- for host in n.hosts -%}{%- do literals.append(policy_workflow._sql_literal(host)) -%}{%- endfor -%}
    {%- set hosts = literals | join(', ') -%}
    {%- set names = n.secrets | map(attribute='name') | list -%}
    {%- set secrets = '\n    allowed_authentication_secrets = (' ~ names | join(', ') ~ ')' if names else '' -%}
    {%- set allowed = 'allowed_network_rules = (' ~ n.rule ~ ')' ~ secrets ~ '\n    enabled = true' -%}
    {%- set statements = [{
        'says': ['The smallest size is enough; it sleeps after a minute.'],
        'sql': 'create warehouse if not exists ' ~ n.warehouse ~ '\n    warehouse_size = xsmall\n'
            ~ '    auto_suspend = 60\n    auto_resume = true\n    initially_suspended = true'
    }] -%}
    {%- for role, says in [
        (n.deployer, 'Creates tables, procedures and views, and owns them.'),
        (n.runner, 'Runs policies; changes nothing but through the procedures.'),
        (n.reader, 'Reads tables and views.')
    ] -%}
        {%- do statements.append({
            'says': [says, 'Give it to people and jobs: grant role ' ~ role ~ ' to user ...;'],
            'sql': 'create role if not exists ' ~ role
        }) -%}
    {%- endfor -%}
    {%- set schemas = [n.schema, n.models] -%}
    {%- for name in [n.rule] + names -%}
        {%- do schemas.append(name.rpartition('.')[0]) -%}
    {%- endfor -%}
    {%- set databases = [] -%}
    {%- for schema in schemas -%}
        {%- do databases.append(schema.split('.')[0]) -%}
    {%- endfor -%}
    {%- for kind, names in [('database', databases), ('schema', schemas)] -%}
        {%- for name in names | unique -%}
            {%- do statements.append({'says': [], 'sql': 'create ' ~ kind ~ ' if not exists ' ~ name}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set these = 'this one' if n.hosts | length == 1 else 'these' -%}
    {%- do statements.extend([
        {
            'says': ['Exactly the API: other hosts, and other ports of ' ~ these ~ ', stay closed.'],
            'sql': 'create network rule if not exists ' ~ n.rule
                ~ '\n    mode = egress\n    type = host_port\n    value_list = (' ~ hosts ~ ')'
        },
        {
            'says': ['Where the rule was there before.'],
            'sql': 'alter network rule ' ~ n.rule ~ ' set value_list = (' ~ hosts ~ ')'
        }
    ]) -%}
    {%- set making = ["The workflow's own: what else an integration of this name allows is taken from it below."] -%}
    {%- for secret in n.secrets -%}
        {%- if secret.type == 'oauth2' -%}
            {%- do making.append(
                'The secret ' ~ secret.name ~ ' is yours to make before this: it needs a security integration.'
            ) -%}
        {%- else -%}
            {%- do statements.append(policy_workflow._setup_secret(secret)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do statements.extend([
        {
            'says': making,
            'sql': 'create external access integration if not exists ' ~ n.integration ~ '\n    ' ~ allowed
        },
        {
            'says': ['Where it was there before; its grants stay.'],
            'sql': 'alter external access integration ' ~ n.integration ~ ' set\n    ' ~ allowed
        }
    ]) -%}
    {{- return(statements) -}}
{%- endmacro %}

{#- Returns the statement that makes a secret, with a value that is none, and what it is for. -#}
{% macro _setup_secret(secret) -%}
    {%- if secret.type == 'password' -%}
        {%- set placeholder = "username = 'placeholder' password = 'placeholder'" -%}
        {%- set real = "username = '<the user>' password = '<the password>'" -%}
    {%- else -%}
        {%- set placeholder = "secret_string = 'placeholder'" -%}
        {%- set real = "secret_string = '<the token>'" -%}
    {%- endif -%}
    {{- return({
        'says': [
            'The real value, which must stand in no file:',
            'alter secret ' ~ secret.name ~ ' set ' ~ real ~ ';'
        ],
        'sql': 'create secret if not exists ' ~ secret.name ~ '\n    type = ' ~ secret.type ~ '\n    ' ~ placeholder
    }) -}}
{%- endmacro %}
