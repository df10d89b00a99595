{# Makes the way to the API, the table and the procedure. `api` is the host and port of the API. #}
{% macro deploy(api) %}
    {% set place = target.database ~ "." ~ target.schema %}
    {% set statements %}
create schema if not exists {{ place }};
create or replace network rule {{ place }}.rates_rule
    mode = egress
    type = host_port
    value_list = ('{{ api }}');
create or replace external access integration rates_access
    allowed_network_rules = ({{ place }}.rates_rule)
    enabled = true;
create table if not exists {{ place }}.rates (
    currency varchar not null,
    answer variant,
    kept_at timestamp_ntz default current_timestamp()
);
    {% endset %}
    {% for statement in statements.split(";") if statement.strip() %}
        {% do run_query(statement) %}
    {% endfor %}
    {% do run_query(procedure(place, api)) %}
{% endmacro %}
