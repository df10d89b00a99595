"""The information schema: procedures, and what a role that owns nothing sees."""

from __future__ import annotations

import datetime
import json
from importlib.metadata import version

import pytest

from tests.unit.local_snowflake.account import Account

BODY = "def run(session, request):\n    return 'it''s \\\\ {}'"
ALL = "select * from sample_db.information_schema.procedures where procedure_schema = '{}'"


@pytest.fixture
def deployed(account: Account) -> Account:
    """Give a procedure with everything that can be declared."""
    account.run("create network rule r mode = egress type = host_port value_list = ('a.b.com')")
    account.run("create secret s type = generic_string secret_string = 'top'")
    account.run(
        f"create external access integration i_{account.schema} allowed_network_rules = (r) "
        "allowed_authentication_secrets = (s)"
    )
    account.procedure(
        "step",
        BODY,
        "request varchar",
        options=f"comment = 'hash abc' external_access_integrations = (i_{account.schema}) "
        "secrets = ('api_token' = s) "
        "artifact_repository = snowflake.snowpark.pypi_shared_repository",
    )
    return account


def test_procedures(deployed: Account) -> None:
    """The owner sees each procedure with what it was declared with."""
    [row] = deployed.rows(ALL.format(deployed.schema) + """ /* {"app": "dbt"} */""")
    created = row.pop("CREATED")
    assert isinstance(created, datetime.datetime)
    assert row.pop("LAST_ALTERED") == created
    assert row == {
        "PROCEDURE_CATALOG": "SAMPLE_DB",
        "PROCEDURE_SCHEMA": deployed.schema,
        "PROCEDURE_NAME": "STEP",
        "PROCEDURE_OWNER": "SAMPLE_ROLE",
        "ARGUMENT_SIGNATURE": "(REQUEST VARCHAR)",
        "DATA_TYPE": "VARIANT",
        "CHARACTER_MAXIMUM_LENGTH": None,
        "CHARACTER_OCTET_LENGTH": None,
        "NUMERIC_PRECISION": None,
        "NUMERIC_PRECISION_RADIX": None,
        "NUMERIC_SCALE": None,
        "PROCEDURE_LANGUAGE": "PYTHON",
        "PROCEDURE_DEFINITION": f"\n{BODY}\n",
        "COMMENT": "hash abc",
        "EXTERNAL_ACCESS_INTEGRATIONS": f"[I_{deployed.schema}]",
        "SECRETS": json.dumps({"api_token": f"SAMPLE_DB.{deployed.schema}.S"}),
        "RUNTIME_VERSION": "3.11",
        "PACKAGES": "['snowflake-snowpark-python','requests']",
        "INSTALLED_PACKAGES": (
            f"['snowflake-snowpark-python=={version('snowflake-snowpark-python')}',"
            f"'requests=={version('requests')}']"
        ),
        "ARTIFACT_REPOSITORY": "SNOWFLAKE.SNOWPARK.PYPI_SHARED_REPOSITORY",
        "OWNER_ROLE_TYPE": "ROLE",
    }


def test_a_plain_procedure_has_nulls(account: Account) -> None:
    """What was not declared is NULL; the size of a returned text and number is given."""
    account.procedure("p", BODY, "a varchar", "varchar")
    account.procedure("q", BODY, "", "number")
    rows = {row["PROCEDURE_NAME"]: row for row in account.rows(ALL.format(account.schema))}
    for name in ("COMMENT", "EXTERNAL_ACCESS_INTEGRATIONS", "SECRETS", "ARTIFACT_REPOSITORY"):
        assert rows["P"][name] is None
    assert rows["P"]["CHARACTER_MAXIMUM_LENGTH"] == 16777216
    assert rows["Q"]["NUMERIC_PRECISION"] == 38
    assert rows["Q"]["ARGUMENT_SIGNATURE"] == "()"


def test_only_what_a_role_may_use_is_there(deployed: Account, guest: Account) -> None:
    """Another role sees a procedure with USAGE on it, without its definition."""
    assert guest.rows(ALL.format(deployed.schema)) == []
    deployed.run(f"grant usage on procedure step(varchar) to role {guest.role}")
    [row] = guest.rows(ALL.format(deployed.schema))
    assert (row["PROCEDURE_NAME"], row["PROCEDURE_DEFINITION"]) == ("STEP", None)
    assert (row["COMMENT"], row["PROCEDURE_OWNER"]) == ("hash abc", "SAMPLE_ROLE")


def test_the_owner_is_who_created_it_last(deployed: Account) -> None:
    """CREATE OR REPLACE by another role makes that the owner."""
    deployed.run("use role accountadmin")
    deployed.procedure("step", BODY, "request varchar")
    assert deployed.rows(ALL.format(deployed.schema))[0]["PROCEDURE_OWNER"] == "ACCOUNTADMIN"


@pytest.mark.parametrize(
    "query",
    [
        "select procedure_name from information_schema.procedures where procedure_schema = ?",
        "select p.procedure_name from INFORMATION_SCHEMA.PROCEDURES as p "
        "where p.procedure_schema = ? and p.procedure_name like 'ST%'",
        "select procedures.procedure_name from sample_db.information_schema.procedures "
        "where ? = current_schema() and procedure_schema = current_schema()",
        "with mine as (select * from information_schema.procedures where procedure_schema = ?) "
        "select a.procedure_name from mine a "
        "join information_schema.procedures b on a.procedure_name = b.procedure_name "
        "and a.procedure_schema = b.procedure_schema",
    ],
)
def test_it_is_queried_like_a_view(deployed: Account, query: str) -> None:
    """Filters, aliases, joins, bound values and the current database work."""
    assert deployed.run(query, deployed.schema) == [("STEP",)]


def test_it_is_read_in_a_transaction(deployed: Account) -> None:
    """Reading it neither ends nor spoils a transaction."""
    deployed.run("create table t (a number)")
    deployed.run("begin transaction")
    deployed.run("insert into t select 1")
    assert len(deployed.run(ALL.format(deployed.schema))) == 1
    deployed.run("insert into t select 2")
    deployed.run("rollback")
    assert deployed.value("select count(*) from t") == 0


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("select * from nope.information_schema.procedures", (2003, "42S02")),
        ("create view v as select * from information_schema.procedures", (2, "0A000")),
    ],
)
def test_what_is_refused(account: Account, statement: str, error: tuple[int, str]) -> None:
    """A database that is not there, and a view, which would keep the rows of today."""
    assert account.refused(statement) == error


def test_tables_and_columns_are_those_that_are_granted(account: Account, guest: Account) -> None:
    """A role that owns nothing sees the tables, views and columns it may SELECT from."""
    account.run('create table t (a number, "b" varchar)')
    account.run("create table other (c number)")
    account.run("create view v as select a from t")
    queries = {
        f"select table_name, column_name from sample_db.information_schema.columns "
        f"where table_schema = '{account.schema}' order by 1, 2": [
            ("T", "A"), ("T", "b"), ("V", "A"),
        ],
        f"select t.table_name from information_schema.tables t "
        f"where t.table_schema = '{account.schema}' order by 1": [("T",), ("V",)],
        "select table_name from sample_db.information_schema.views": [("V",)],
    }  # fmt: skip
    for query in queries:
        assert guest.run(query) == []
    account.run(f"grant select on table t to role {guest.role}")
    account.run(f"grant select on view v to role {guest.role}")
    for query, expected in queries.items():
        assert guest.run(query) == expected


def test_schemas_are_seen_by_every_role(guest: Account) -> None:
    """SCHEMATA and DATABASES answer every role; a view that does not filter itself does not."""
    schemas = "select schema_name from sample_db.information_schema.schemata"
    assert (guest.schema,) in guest.run(schemas)
    databases = guest.run("select database_name from information_schema.databases")
    assert ("SAMPLE_DB",) in databases
    assert guest.refused("select * from information_schema.load_history") == (2003, "42S02")


def test_views_stand_among_the_tables(account: Account) -> None:
    """INFORMATION_SCHEMA.TABLES lists views, too, by their type."""
    account.run("create table kept (a number)")
    account.run("create view shown as select a from kept")
    found = account.run(
        "select table_name, table_type, is_dynamic from information_schema.tables "
        f"where table_schema = '{account.schema}' order by table_name"
    )
    assert found == [("KEPT", "BASE TABLE", "NO"), ("SHOWN", "VIEW", "NO")]
