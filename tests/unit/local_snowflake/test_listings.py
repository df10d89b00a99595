"""What SHOW and DESCRIBE answer, and in which columns."""

from __future__ import annotations

import pytest

from tests.unit.local_snowflake.account import Account, execute


@pytest.mark.parametrize(
    ("sql", "last"),
    [
        ("show objects", ["is_iceberg", "is_interactive"]),
        ("show schemas", ["classification_profile", "object_visibility", "is_nested"]),
        ("show databases", ["data_quality_monitoring_settings", "resharing_settings"]),
        ("show user functions", ["is_data_metric", "is_ai_function"]),
        ("show terse schemas", ["database_name", "schema_name"]),
        ("describe table t", ["privacy domain", "write default"]),
        ("describe view v", ["privacy domain", "write default"]),
    ],
)
def test_a_listing_has_all_of_its_columns(account: Account, sql: str, last: list[str]) -> None:
    """Each SHOW has all columns of Snowflake, the newest included."""
    account.run("create table t (a int)")
    account.run("create view v as select a from t")
    found = [column.name for column in execute(account.connection, sql).description]
    assert found[-len(last) :] == last


def test_a_view_has_the_types_of_what_it_selects(account: Account) -> None:
    """Declared lengths and scales come through, literals have their own, and casts theirs."""
    account.run("create table t (k number(5,1), d varchar(9), j variant)")
    account.run(
        "create view v (a, b, c, x, y) as select k, d as e, 1, j:n::varchar(3), true from t"
    )
    for sql in ("describe view v", "describe table v"):
        assert [(row["name"], row["type"]) for row in account.rows(sql)] == [
            ("A", "NUMBER(5,1)"), ("B", "VARCHAR(9)"), ("C", "NUMBER(1,0)"), ("X", "VARCHAR(3)"),
            ("Y", "BOOLEAN"),
        ]  # fmt: skip


def test_a_view_is_told_as_it_was_typed(account: Account) -> None:
    """SHOW VIEWS gives the text of a view in the case in which it was sent, with nothing added."""
    text = "CREATE  VIEW v_probe AS SELECT A from t"
    account.run("create table t (a int)")
    account.run(f"{text};")
    assert account.value(
        "select view_definition from information_schema.views where table_name = 'V_PROBE'"
        " and table_schema = current_schema()"
    ) == text  # fmt: skip
    assert [row["text"] for row in account.rows("show views in schema")] == [text]


def test_a_transient_table_is_told_as_one(account: Account) -> None:
    """SHOW TABLES says TRANSIENT, SHOW OBJECTS says TABLE."""
    account.run("create transient table tr (a int)")
    assert [row["kind"] for row in account.rows("show tables in schema")] == ["TRANSIENT"]
    assert [row["kind"] for row in account.rows("show objects in schema")] == ["TABLE"]


def test_procedures_are_listed_with_the_built_in_ones(account: Account) -> None:
    """Built-in procedures are in every listing; USER leaves them out, BUILTIN shows them alone."""
    account.procedure("p", "def run(session): return 1")
    flags = {
        words: {row["is_builtin"] for row in account.rows(f"show {words} in schema")}
        for words in ("procedures", "terse procedures", "user procedures", "builtin procedures")
    }
    assert flags == {
        "procedures": {"Y", "N"}, "terse procedures": {"Y", "N"}, "user procedures": {"N"},
        "builtin procedures": {"Y"},
    }  # fmt: skip
    assert len(account.rows("show procedures like 'P' in schema")) == 1


def test_the_current_schema_is_marked(account: Account) -> None:
    """SHOW SCHEMAS marks the current schema, and the information schema has no owner."""
    listed = {row["name"]: row for row in account.rows("show schemas in database")}
    assert listed[account.schema]["is_current"] == "Y"
    assert listed["INFORMATION_SCHEMA"]["owner"] == ""
    assert listed["INFORMATION_SCHEMA"]["is_current"] == "N"


@pytest.mark.parametrize(
    ("sql", "errno"),
    [
        ("use schema nosuch", 2043),
        ("use database nosuch", 2043),
        ("drop schema nosuch", 2003),
        ("drop database nosuch", 2003),
        ("show tables in schema nosuch", 2043),
        ("show procedures in schema nosuch", 2043),
    ],
)
def test_a_place_that_is_not_there_is_refused(account: Account, sql: str, errno: int) -> None:
    """A statement that names a missing place fails with Snowflake's number and class."""
    assert account.refused(sql) == (errno, "02000")
