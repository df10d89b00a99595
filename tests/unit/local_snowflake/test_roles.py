"""What a role that owns nothing sees of tables, views and schemas, and what dbt sends for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_snowflake.server import LocalSnowflake
from tests.unit.local_snowflake.account import Account

MISSING = (2003, "42S02")


@pytest.fixture
def tables(account: Account) -> Account:
    """Give a table, one with a quoted lower-case name, and a view on the first."""
    account.run('create table t ("id" varchar, n number(10, 2), v variant)')
    account.run('create table "low" (a number)')
    account.run("""insert into t select 'x', 1.5, null""")
    account.run('create view only_ids as select "id" from t')
    return account


@pytest.fixture
def elsewhere(server: LocalSnowflake, guest: Account) -> Iterator[Account]:
    """Give the guest a session in another schema."""
    found = Account(server, role=guest.role)
    yield found
    found.connection.close()


def test_a_view_is_read_with_the_rights_of_its_owner(
    tables: Account, guest: Account, elsewhere: Account
) -> None:
    """SELECT on a view is enough to read it, from any schema; its table stays closed."""
    name = f"sample_db.{tables.schema}.only_ids"
    assert guest.refused("select * from only_ids") == MISSING
    tables.run(f"grant select on view only_ids to role {guest.role}")
    assert guest.run("select * from only_ids") == [("x",)]
    assert elsewhere.run(f"select * from {name}") == [("x",)]
    assert guest.refused("select * from t") == MISSING
    assert guest.refused("select * from only_ids, t") == MISSING
    assert guest.refused("create view mine as select * from only_ids") == (3001, "42501")
    tables.run(f"revoke select on view only_ids from role {guest.role}")
    assert guest.refused("select * from only_ids") == MISSING


@pytest.mark.parametrize("kind", ["table", "view"])
def test_describe_needs_select(tables: Account, guest: Account, kind: str) -> None:
    """DESCRIBE TABLE, by which dbt reads columns, is for roles with SELECT, views included."""
    describe = f"describe {kind} sample_db.{tables.schema}.only_ids"
    assert guest.refused(describe) == MISSING
    tables.run(f"grant select on view only_ids to role {guest.role}")
    assert [(row["name"], row["type"]) for row in guest.rows(describe)] == [
        ("id", "VARCHAR(16777216)")
    ]
    assert guest.refused(f"describe table sample_db.{tables.schema}.t") == MISSING
    tables.run(f"grant select on table t to role {guest.role}")
    described = guest.rows(f"desc table sample_db.{tables.schema}.t")
    assert [row["name"] for row in described] == ["id", "N", "V"]
    assert guest.refused(f"describe table sample_db.{tables.schema}.nope") == MISSING


def test_quoted_names_are_granted_with_their_case(tables: Account, guest: Account) -> None:
    """A grant on a table with a lower-case name is for that name."""
    tables.run(f'grant select on table "low" to role {guest.role}')
    assert guest.run('select * from "low"') == []
    assert guest.names("show tables in account") == ["low"]
    assert guest.refused("select * from low") == MISSING


@pytest.mark.parametrize(
    ("show", "all_names"),
    [
        ("tables", ["T", "low"]),
        ("terse tables", ["T", "low"]),
        ("views", ["ONLY_IDS"]),
        ("terse views", ["ONLY_IDS"]),
        ("objects", ["ONLY_IDS", "T", "low"]),
        ("terse objects", ["ONLY_IDS", "T", "low"]),
    ],
)
def test_show_shows_what_is_granted(
    tables: Account, guest: Account, show: str, all_names: list[str]
) -> None:
    """SHOW answers every role: admin roles with all, others with what they may SELECT from."""
    statement = f"show {show} in sample_db.{tables.schema}"
    assert tables.names(statement) == all_names
    assert guest.names(statement) == []
    tables.run(f"grant select on table t to role {guest.role}")
    tables.run(f"grant select on view only_ids to role {guest.role}")
    assert guest.names(statement) == [name for name in all_names if name != "low"]
    assert guest.names(f"{statement} limit 1") == all_names[:1]


@pytest.mark.parametrize(
    ("tail", "names"),
    [
        ("limit 10000", ["ONLY_IDS", "T", "low"]),
        ("limit 2", ["ONLY_IDS", "T"]),
        ("limit 2 from 'ONLY_IDS'", ["T", "low"]),
        ("starts with 'ONLY_IDS' limit 1", ["ONLY_IDS"]),
        ("starts with 'only'", []),
    ],
)
def test_objects_as_dbt_lists_them(tables: Account, tail: str, names: list[str]) -> None:
    """Pages and starts of names, as dbt asks for the relations of a schema."""
    rows = tables.rows(f"show objects in SAMPLE_DB.{tables.schema}\n    {tail}\n    \n;")
    assert [row["name"] for row in rows] == names
    wanted = {"created_on", "database_name", "schema_name", "kind", "is_dynamic", "is_iceberg"}
    assert all(wanted <= row.keys() for row in rows)
    kinds = {"ONLY_IDS": "VIEW", "T": "TABLE", "low": "TABLE"}
    assert [row["kind"] for row in rows] == [kinds[name] for name in names]


def test_terse_has_five_columns(tables: Account) -> None:
    """SHOW TERSE has the same five columns for each kind of object."""
    columns = ["created_on", "name", "kind", "database_name", "schema_name"]
    for kind in ("databases", "schemas", "tables", "views", "objects"):
        assert list(tables.rows(f"show terse {kind}")[0]) == columns


def test_a_missing_schema_is_an_empty_one_for_dbt(account: Account, guest: Account) -> None:
    """The error is 002043 (02000), for which dbt looks where it lists relations."""
    for session in (account, guest):
        for kind in ("objects", "terse objects", "tables", "user functions"):
            assert session.refused(f"show {kind} in SAMPLE_DB.NOPE") == (2043, "02000")


def test_user_functions(guest: Account) -> None:
    """There are none, and no role that asks for them, as dbt does, gets an error."""
    assert guest.rows(f"show user functions in SAMPLE_DB.{guest.schema}") == []


@pytest.mark.parametrize(
    ("tail", "found"),
    [
        ("like '{schema}'", True),
        ("like '{lower}' in database sample_db", True),
        ("like 't_%' in sample_db", True),
        ("like '{schema}_' in database sample_db", False),
        ("like 'nope' in database sample_db", False),
        ("in account", True),
        ("in database sample_db starts with 'T_' limit 10000", True),
    ],
)
def test_show_schemas(account: Account, guest: Account, tail: str, found: bool) -> None:
    """LIKE holds for every schema, the information schema included, and every role sees them."""
    statement = "show schemas " + tail.format(schema=account.schema, lower=account.schema.lower())
    for session in (account, guest):
        names = session.names(statement)
        assert (account.schema in names) == found
        assert ("INFORMATION_SCHEMA" in names) == (tail == "in account")


def test_show_schemas_of_a_missing_database(account: Account) -> None:
    """A database that is not there is an error, with Snowflake's number."""
    assert account.refused("show terse schemas in database nope limit 10000") == (2043, "02000")


@pytest.mark.parametrize(
    ("pattern", "names"),
    [("sample_db", ["SAMPLE_DB"]), ("SAM%_d_", ["SAMPLE_DB"]), ("nope", [])],
)
def test_show_databases(account: Account, guest: Account, pattern: str, names: list[str]) -> None:
    """LIKE holds, without case and with wildcards, for every role."""
    for session in (account, guest):
        assert session.names(f"show databases like '{pattern}'") == names
