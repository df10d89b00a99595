{# Returns the statement that makes the procedure `keep_rate`. #}
{% macro procedure(place, api) %}
create or replace procedure {{ place }}.keep_rate(currency varchar)
returns variant
language python
runtime_version = '3.11'
packages = ('snowflake-snowpark-python', 'requests')
handler = 'run'
external_access_integrations = (rates_access)
as
$$
import requests


def run(session, currency):
    answer = requests.get(f"http://{{ api }}/rates/{currency}", timeout=10)
    answer.raise_for_status()
    session.sql(
        "insert into {{ place }}.rates (currency, answer) select ?, parse_json(?)",
        params=[currency, answer.text],
    ).collect()
    return answer.json()
$$
{% endmacro %}
