{#- Returns the statements that make what an administrator makes, each with what it is for. Nothing is
    replaced: a replaced integration or secret would lose its grants and its value
    (docs/snowflake_facts.md#external-access). What may be there already with another setting is altered
    after its creation; a secret's value is never touched. -#}
{% macro _setup_objects() -%}
    {%- set n = policy_workflow._setup_names() -%}
    {%- set host = policy_workflow._sql_literal(n.host) -%}
    {%- set secrets = '\n    allowed_authentication_secrets = (' ~ n.secret ~ ')' if n.secret else '' -%}
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
    {%- for name in [n.rule, n.secret] if name -%}
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
    {%- do statements.extend([
        {
            'says': ['Exactly the API: other hosts, and other ports of this one, stay closed.'],
            'sql': 'create network rule if not exists ' ~ n.rule
                ~ '\n    mode = egress\n    type = host_port\n    value_list = (' ~ host ~ ')'
        },
        {
            'says': ['Where the rule was there before.'],
            'sql': 'alter network rule ' ~ n.rule ~ ' set value_list = (' ~ host ~ ')'
        }
    ]) -%}
    {%- set making = ["The workflow's own: what else an integration of this name allows is taken from it below."] -%}
    {%- if n.secret and n.secret_type == 'oauth2' -%}
        {%- do making.append(
            'The secret ' ~ n.secret ~ ' is yours to make before this: it needs a security integration.'
        ) -%}
    {%- elif n.secret -%}
        {%- if n.secret_type == 'password' -%}
            {%- set placeholder = "username = 'placeholder' password = 'placeholder'" -%}
            {%- set real = "username = '<the user>' password = '<the password>'" -%}
        {%- else -%}
            {%- set placeholder = "secret_string = 'placeholder'" -%}
            {%- set real = "secret_string = '<the token>'" -%}
        {%- endif -%}
        {%- set type = '\n    type = ' ~ n.secret_type -%}
        {%- do statements.append({
            'says': [
                'The real value, which must stand in no file:',
                'alter secret ' ~ n.secret ~ ' set ' ~ real ~ ';'
            ],
            'sql': 'create secret if not exists ' ~ n.secret ~ type ~ '\n    ' ~ placeholder
        }) -%}
    {%- endif -%}
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
