"""Comments on objects and columns, as dbt's persist_docs sends them."""

from __future__ import annotations

import pytest

from tests.unit.local_snowflake.account import Account
from tests.unit.local_snowflake.test_names_in_statements import refusal


@pytest.fixture
def view(account: Account) -> Account:
    """Give a table, and a view of it."""
    account.run("create table t (a number(5,1), b varchar(9))")
    account.run("create view v as select a, b from t")
    return account


def comments(account: Account, name: str) -> list[str | None]:
    """The comments of a relation's columns."""
    return [row["comment"] for row in account.rows(f"describe table {name}")]


@pytest.mark.parametrize("text", ["'it''s'", r"'it\'s'", "$$it's$$"])
@pytest.mark.parametrize(
    "statement",
    [
        "comment on {kind} {name} is {text}",
        "alter {kind} {name} set comment = {text}",
        "create or replace {kind} {name} comment = {text} as select 1 as a",
    ],
)
@pytest.mark.parametrize(("kind", "name"), [("table", "t"), ("view", "v")])
def test_an_object_has_its_comment(
    view: Account, statement: str, kind: str, name: str, text: str
) -> None:
    """A comment may hold an apostrophe, however spelt; SHOW and the information schema show it."""
    view.run(statement.format(kind=kind, name=name, text=text))
    listed = {row["name"]: row["comment"] for row in view.rows(f"show {kind}s in schema")}
    assert listed[name.upper()] == "it's"
    assert view.value(
        f"select comment from information_schema.{kind}s where table_name = '{name.upper()}'"
        " and table_schema = current_schema()"
    ) == "it's"  # fmt: skip


@pytest.mark.parametrize("text", ["'it''s'", r"'it\'s'", "$$it's$$"])
def test_a_column_has_its_comment(view: Account, text: str) -> None:
    """A column of a table or a view gets its comment by each form, and several at once."""
    view.run(f"comment on column t.a is {text}")
    view.run(f'alter table t alter "B" comment {text}')
    assert comments(view, "t") == ["it's", "it's"]
    view.run(f'alter  view v alter\n    "A" COMMENT {text},\n    "B" COMMENT $$$$;')
    assert comments(view, "v") == ["it's", ""]
    view.run(f'create or replace view v ( "A" COMMENT {text}, "B" ) as (select a, b from t)')
    assert comments(view, "v") == ["it's", None]
    view.run(f"create or replace table t (a int comment {text}, b int) comment = {text}")
    assert comments(view, "t") == ["it's", None]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("comment on column t.zz is 'x'", "Object 'ZZ'"),
        ("comment on table nosuch is 'x'", "Table 'SAMPLE_DB.{schema}.NOSUCH'"),
        ("comment on column nosuch.a is 'x'", "Table 'SAMPLE_DB.{schema}.NOSUCH'"),
        ("comment on database nosuch is 'x'", "Database 'NOSUCH'"),
        ("comment on schema nosuch is 'x'", "Schema 'SAMPLE_DB.NOSUCH'"),
    ],
)
def test_what_is_not_there_has_no_comment(view: Account, sql: str, words: str) -> None:
    """A comment on a missing object or column is refused with the missing name."""
    found = refusal(view, sql)
    assert found[0] == 2003
    assert f"{words.format(schema=view.schema)} does not exist or not authorized." in found[2]
    view.run("comment if exists on table nosuch is 'x'")


def test_only_an_owner_comments(view: Account, guest: Account) -> None:
    """A role that may only read a relation cannot comment on it."""
    view.run(f"grant usage on schema {view.schema} to role {guest.role}")
    view.run(f"grant select on {view.schema}.v to {guest.role}")
    for sql in ("comment on view v is 'x'", "comment on column v.a is 'x'"):
        assert guest.refused(sql) == (3001, "42501")


def test_grants_are_sent_as_dbt_sends_them(view: Account, guest: Account) -> None:
    """A grant on a relation without its kind shows in SHOW GRANTS, and a quoted role loses it."""
    place = f"SAMPLE_DB.{view.schema}.V"
    asked = f"show grants on {place}"
    view.run(f"grant select on {place} to {guest.role}")
    assert [row["grantee_name"] for row in view.rows(asked) if row["privilege"] == "SELECT"] == [
        guest.role
    ]
    view.run(f'revoke select on {place} from "{guest.role}"')
    assert [row["privilege"] for row in view.rows(asked)] == ["OWNERSHIP"]
