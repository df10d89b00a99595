{#- Every grant of the set-up, the only list of them: part of the script, role, right, object. What the
    diagnosis and a registration find missing is compared with it. -#}
{% macro _setup_grants() -%}
    {%- set n = policy_workflow._setup_names() -%}
    {%- set grants = [] -%}
    {%- set everyone = [n.deployer, n.runner, n.reader] -%}
    {%- for role in everyone if n.warehouse -%}
        {%- do grants.append({'part': 'account', 'role': role, 'right': 'usage', 'kind': 'warehouse', 'name': n.warehouse}) -%}
    {%- endfor -%}
    {%- for integration in n.integrations -%}
        {%- do grants.append({'part': 'account', 'role': n.deployer, 'right': 'usage', 'kind': 'integration', 'name': integration}) -%}
    {%- endfor -%}
    {%- do grants.append({'part': 'account', 'role': n.reader, 'right': 'select', 'kind': 'future views in schema', 'name': n.models}) -%}
    {%- set places = [{'schema': n.schema, 'roles': everyone}] -%}
    {%- if n.models | upper != n.schema | upper -%}
        {%- do places.append({'schema': n.models, 'roles': [n.deployer, n.reader]}) -%}
    {%- endif -%}
    {%- set secret_schema = n.secret.rpartition('.')[0] if n.secret else n.schema -%}
    {%- if secret_schema | upper not in (n.schema | upper, n.models | upper) -%}
        {%- do places.append({'schema': secret_schema, 'roles': [n.deployer]}) -%}
    {%- endif -%}
    {%- set databases = [] -%}
    {%- for place in places -%}
        {%- for role in place.roles -%}
            {%- set database = {'part': 'schema', 'role': role, 'right': 'usage', 'kind': 'database', 'name': place.schema.split('.')[0]} -%}
            {%- if database not in databases -%}
                {%- do databases.append(database) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do grants.extend(databases) -%}
    {%- for place in places -%}
        {%- for role in place.roles -%}
            {%- do grants.append({'part': 'schema', 'role': role, 'right': 'usage', 'kind': 'schema', 'name': place.schema}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for right, schema in [('create table', n.schema), ('create procedure', n.schema), ('create view', n.models)] -%}
        {%- do grants.append({'part': 'schema', 'role': n.deployer, 'right': right, 'kind': 'schema', 'name': schema}) -%}
    {%- endfor -%}
    {%- if n.secret -%}
        {%- do grants.append({'part': 'schema', 'role': n.deployer, 'right': 'read', 'kind': 'secret', 'name': n.secret}) -%}
    {%- endif -%}
    {%- for name in policy_workflow._procedures() -%}
        {%- do grants.append({'part': 'deployer', 'role': n.runner, 'right': 'usage', 'kind': 'procedure', 'name': policy_workflow._relation_name(name) ~ '(varchar)'}) -%}
    {%- endfor -%}
    {%- for role in [n.runner, n.reader] -%}
        {%- for name in policy_workflow._tables() -%}
            {%- do grants.append({'part': 'deployer', 'role': role, 'right': 'select', 'kind': 'table', 'name': policy_workflow._relation_name(name)}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(grants) -}}
{%- endmacro %}
