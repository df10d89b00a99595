"""Statements are translated once, and anew when a type that they depend on has changed."""

from __future__ import annotations

import pytest
from snowflake.connector.errors import Error
from sqlglot import exp

from local_snowflake.engine import translation
from local_snowflake.engine.multi_joined import multi_joined
from tests.unit.local_snowflake.account import Account


@pytest.fixture
def translated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give a list that takes the kind of each statement as it is translated."""
    kinds: list[str] = []

    def noting(statement: exp.Expression) -> object:
        kinds.append(type(statement).__name__)
        return multi_joined(statement)

    monkeypatch.setattr(translation, "multi_joined", noting)
    return kinds


@pytest.mark.parametrize(
    "query",
    [
        "select a from t",
        "with x as (select a from t) select a from x",
        "select a from t union all select a from t",
        "(select a from t) union all (select a from t) order by 1",
    ],
)
def test_a_query_is_translated_once(account: Account, translated: list[str], query: str) -> None:
    """Statements that change types elsewhere do not let it be translated again."""
    account.run("create table t (a number)")
    account.run("insert into t values (1)")
    first = account.run(query)
    before = len(translated)
    account.run("create table other (a number)")
    account.run("create or replace view seen as select a from other")
    account.run("drop table other")
    assert account.run(query) == first
    assert len(translated) == before


@pytest.mark.parametrize("through", ["t", "v", "w"])
def test_another_type_is_seen(account: Account, through: str) -> None:
    """A table, a view of it and a view of that view are read with the types that they have now."""
    query = f"select c, typeof(c::variant) from {through}"
    for kind, value, seen in (
        ("variant", "parse_json('{\"a\": 1}')", "OBJECT"),
        ("varchar", "'a'", "VARCHAR"),
        ("boolean", "true", "BOOLEAN"),
    ):
        account.run(f"create or replace table t as select {value}::{kind} as c")
        account.run("create or replace view v as select c from t")
        account.run("create or replace view w as select c from v")
        assert account.run(query)[0][1] == seen


ONE, OTHER = "0a1b2c3d-0000-4000-8000-00000000000a", "ffffffff-0000-4000-8000-00000000000f"


@pytest.mark.parametrize("rest", ["", "-19171add", "-0-1"])
@pytest.mark.parametrize(
    ("query", "is_translated_once"),
    [
        ("select count(*) from t where id = '{id}'", True),
        ("with x as (select id from t where id = '{id}' or id = '{id}') select id from x", True),
        ("select id from t where id in ('{id}', '{other}') order by id", True),
        ('select \'{id}\' as a, "id" from (select 1 as "id")', True),
        ("select id <> '{id}' as a, id not in ('{other}') as b from t order by 1, 2", True),
        # The text is read: as a format, in an interval, as a part of a longer text.
        ("select to_char(to_date('2020-01-02'), '{id}') as a", False),
        ("select try_to_date('{other}', '{id}') as a", False),
        ("select to_date('2020-01-02') + interval '{id}' as a", False),
        ("select 'it is ''{id}''' as a", False),
        ("select id like '%{id}' or id like '{id}' as a from t order by 1", False),
        # An error names the id that was sent.
        ("select ?::number as a, '{id}' as b", False),
        ("select id '{id}' from t", False),
        ("select nosuch('{id}') as a", False),
        ("select nosuch from t where id = '{id}'", False),
        # The name of the column is the text.
        ("select '{id}'", False),
        ("select upper('{id}'), id from t order by 2", False),
        ("select (select count(*) from t where id = '{id}')", False),
        ("select id = '{id}' from t order by 1", False),
        ("with x as (select (select count(*) from t where id = '{id}')) select * from x", True),
        # The path is part of the translation.
        ("select parse_json('{{\"{id}\": 1}}')['{id}'] as found", False),
        ("select get_path(parse_json('{{\"a\": 1}}'), 'a') as found, '{id}' as id", True),
    ],
)
def test_queries_that_differ_in_an_id(
    account: Account,
    translated: list[str],
    monkeypatch: pytest.MonkeyPatch,
    query: str,
    is_translated_once: bool,
    rest: str,
) -> None:
    """The second query is the first one's translation with its own id, and answers its own rows."""
    one, other = ONE + rest, OTHER + rest
    account.run("create table t (id varchar)")
    account.run(f"insert into t values ('{one}'), ('{other}'), ('{other}')")

    def asked(**ids: str) -> tuple[object, list[str], int]:
        before = len(translated)
        cursor = account.connection.cursor()
        try:
            cursor.execute(query.format(**ids), ["x"] if "?" in query else None)
        except Error as error:
            return f"{error.errno} {error.msg}", [], len(translated) - before
        names = [column.name for column in cursor.description]
        return cursor.fetchall(), names, len(translated) - before

    first, first_names, _ = asked(id=one, other=other)
    second, second_names, translations = asked(id=other, other=one)
    if isinstance(first, str):
        assert "00000000-0000-0000" not in f"{first}{second}"
    else:
        assert (translations == 0) == is_translated_once
    # Without kept translations fakesnow runs each text on its own.
    monkeypatch.setattr(translation, "KEPT_CHARACTERS", 0)
    assert asked(id=one, other=other)[:2] == (first, first_names)
    assert asked(id=other, other=one)[:2] == (second, second_names)
