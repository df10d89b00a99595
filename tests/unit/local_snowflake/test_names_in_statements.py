"""What a statement says of names that are not there, in Snowflake's words and numbers."""

from __future__ import annotations

import pytest
from snowflake.connector.errors import DatabaseError

from tests.unit.local_snowflake.account import Account

NO_COLUMN = (904, "42000")
NOT_THERE = (2003, "42S02")


@pytest.fixture
def tables(account: Account) -> Account:
    """Give two tables, one with a column whose name needs quotes."""
    account.run("create table t (a int, b int)")
    account.run('create table q ("lc" varchar, a int)')
    return account


def refusal(account: Account, sql: str) -> tuple[int | None, str | None, str]:
    """Run a statement that must fail; gives number, class and the words without the number."""
    with pytest.raises(DatabaseError) as caught:
        account.run(sql)
    error = caught.value
    return error.errno, error.sqlstate, str(error.msg).partition(": ")[2]


@pytest.mark.parametrize(
    ("sql", "position", "name"),
    [
        ("select nosuchcol from t", 7, "NOSUCHCOL"),
        ("select a from t where nosuchcol = 1", 22, "NOSUCHCOL"),
        ("select a from t order by nosuchcol", 25, "NOSUCHCOL"),
        ("select x.nosuchcol from t x", 7, "X.NOSUCHCOL"),
        ("select t.a from t x", 7, "T.A"),
        ("select q.lc from q", 7, "Q.LC"),
        ("select lc from q", 7, "LC"),
        ('select "a" from t', 7, '"a"'),
        ("select s.c from (select a from t) s", 7, "S.C"),
        ("with c as (select a from t) select c.b from c", 35, "C.B"),
        ("select (select nosuch from q) from t", 15, "NOSUCH"),
        ("select 1 from t where exists (select 1 from q where q.lc = t.a)", 52, "Q.LC"),
        ("select f.nosuch from table(flatten(input => parse_json('[1]'))) f", 7, "F.NOSUCH"),
        ("select a from t union all select c from q", 33, "C"),
        ("update t set nosuchcol = 1", 13, "NOSUCHCOL"),
        ("update t set a = nosuchcol", 17, "NOSUCHCOL"),
        ("update t set a = 1 where nosuchcol = 2", 25, "NOSUCHCOL"),
        ("update t set a = s.x from (select 1 as y) s", 17, "S.X"),
        ("update t set a = nosuchcol2, nosuchcol = 1", 29, "NOSUCHCOL"),
        ("delete from t where nosuchcol = 1", 20, "NOSUCHCOL"),
        ("delete from t using q where q.nosuch = t.a", 28, "Q.NOSUCH"),
        ("insert into t (nosuchcol) values (1)", 15, "NOSUCHCOL"),
        ("insert into t (a) select c from q", 25, "C"),
        ("create view v as select c from t", 24, "C"),
        ("create table n as select t.c from t", 25, "T.C"),
        ("select a\nfrom t\nwhere zz", 6, "ZZ"),
    ],
)
def test_a_column_that_is_not_there_is_an_invalid_identifier(
    tables: Account, sql: str, position: int, name: str
) -> None:
    """The error has the line and the position of the reference, and its qualifier."""
    line = sql.count("\n") + 1
    found = refusal(tables, sql)
    assert found[:2] == NO_COLUMN
    assert found[2].endswith(
        f"error line {line} at position {position}\ninvalid identifier '{name}'"
    )


MERGE = "merge into t using q s on t.a = s.a when "


@pytest.mark.parametrize(
    ("rest", "name"),
    [
        ("matched then update set nosuch = 1", "NOSUCH"),
        ("matched then update set b = s.nosuch", "S.NOSUCH"),
        ("matched then update set b = q.a", "Q.A"),
        ("matched and s.nosuch = 1 then delete", "S.NOSUCH"),
        ("not matched then insert (nosuch) values (1)", "NOSUCH"),
        ("not matched then insert (a) values (t.a)", "T.A"),
        (
            "matched then update set a = s.nosuch2 when not matched then insert (a)"
            " values (s.nosuch3)",
            "S.NOSUCH3",
        ),
    ],
)
def test_a_merge_reads_all_its_names_before_a_row(tables: Account, rest: str, name: str) -> None:
    """A missing column is refused over empty tables, too; an INSERT sees only the source."""
    assert refusal(tables, MERGE + rest)[2].endswith(f"invalid identifier '{name}'")


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select 1 from nosuch", "Object 'NOSUCH'"),
        ('select * from "t"', "Object '\"t\"'"),
        ("select 1 from {schema}.nosuch", "Object 'SAMPLE_DB.{schema}.NOSUCH'"),
        ("update nosuch set a = nosuchcol", "Object 'NOSUCH'"),
        ("update t set nosuchcol = (select 1 from nosuch)", "Object 'NOSUCH'"),
        ("delete from t where a in (select a from nosuch)", "Object 'NOSUCH'"),
        ("merge into nosuch using t s on 1 = s.zz when matched then delete", "Object 'NOSUCH'"),
        ("merge into t using nosuch s on 1 = 1 when matched then delete", "Object 'NOSUCH'"),
        ("insert into nosuch values (1)", "Table 'NOSUCH'"),
        ("insert into t select a from nosuch", "Object 'NOSUCH'"),
        ("create view v as select 1 as a from nosuch", "Object 'NOSUCH'"),
        ("describe table nosuch", "Table 'NOSUCH'"),
        ("describe view nosuch", "View 'NOSUCH'"),
        ("drop table nosuch", "Table 'SAMPLE_DB.{schema}.NOSUCH'"),
        ("drop view nosuch", "View 'SAMPLE_DB.{schema}.NOSUCH'"),
        ("truncate table nosuch", "Table 'SAMPLE_DB.{schema}.NOSUCH'"),
        ("alter table nosuch add column c int", "Table 'SAMPLE_DB.{schema}.NOSUCH'"),
        ("select 1 from noschema.nosuch", "Schema 'SAMPLE_DB.NOSCHEMA'"),
        ("drop table noschema.nosuch", "Schema 'SAMPLE_DB.NOSCHEMA'"),
        ("select 1 from nodb.s.nosuch", "Database 'NODB'"),
    ],
)
def test_a_table_that_is_not_there_is_named(tables: Account, sql: str, words: str) -> None:
    """A missing table is named as written, by DDL in full, and by its outermost missing part."""
    errno, _, message = refusal(tables, sql.format(schema=tables.schema))
    assert errno == 2003
    wanted = f"{words.format(schema=tables.schema)} does not exist or not authorized."
    assert message == f"SQL compilation error:\n{wanted}"


@pytest.mark.parametrize(
    ("sql", "errno", "words"),
    [
        ("select nosuchfn(1)", 2140, "Unknown function NOSUCHFN."),
        ("update t set a = nosuchfn(a)", 2140, "Unknown function NOSUCHFN."),
        ("select a from t, q", 2028, "ambiguous column name 'A'"),
        ("update t set a = 1, a = 2", 2025, "duplicate column name 'A'"),
        ("insert into t (a, a) values (1, 2)", 2025, "duplicate column name 'A'"),
        ("insert into t values (1)", 2020, "expecting 2 but got 1"),
        ("insert into t (a) values (1, 2)", 2020, "expecting 1 but got 2"),
        ("insert into t (a) select a, b from t", 2020, "expecting 1 but got 2"),
        (MERGE + "not matched then insert values (1)", 2020, "expecting 2 but got 1"),
        (MERGE + "matched then delete when matched then delete", 2029, "Unreachable merge case."),
        ("select a, b from t group by a", 979, "'T.B' in select clause is neither an aggregate"),
        ("delete from t where count(*) > 1", 2035, "aggregate function in where clause [COUNT(*)]"),
        ("create table t (a int)", 2002, "already exists."),
    ],
)
def test_what_else_does_not_compile_says_so(
    tables: Account, sql: str, errno: int, words: str
) -> None:
    """A statement that does not compile is refused in Snowflake's words."""
    found = refusal(tables, sql)
    assert found[0] == errno
    assert words in found[2]


@pytest.mark.parametrize(
    "sql",
    [
        "select a as x, x + 1 as y from t where x > 0 order by y",
        "select t.a from {schema}.t where {schema}.t.b = sample_db.{schema}.t.a",
        "select * from t join q using (a) where a = 1",
        "select u.a from t u where exists (select 1 from q where q.a = u.a)",
        "with c(n) as (select a from t), d as (select n from c) select d.n from d",
        "with recursive c(n) as (select 1 union all select n + 1 from c where n < 3)"
        " select sum(n) from c",
        "select x.k from (values (1, 2)) as x(k, l)",
        "select * exclude (a) from t",
        "select dateadd(day, 1, current_date()), date_trunc(month, current_timestamp()) from t",
        "select a, row_number() over (partition by b order by a) as n from t qualify n = 1",
        "select f.value, f.index from t, lateral flatten(input => parse_json('[1]')) f",
        "select s.z from (select a as z from t union all select a from q) s",
        "select count(*) from information_schema.tables where table_name = 'T'",
        "update t as x set a = x.b from q where q.a = x.a",
        "merge into t using q s on t.a = s.a when not matched then insert (a) values (a)",
    ],
)
def test_a_name_that_is_there_is_found(tables: Account, sql: str) -> None:
    """Aliases, outer queries, derived columns and the parts of dates are no missing columns."""
    tables.run(sql.format(schema=tables.schema))


def test_what_was_read_is_read_again_after_a_change(tables: Account) -> None:
    """A statement that was fit is refused when its column has gone, and the other way round."""
    tables.run("select b from t")
    tables.run("alter table t drop column b")
    assert refusal(tables, "select b from t")[:2] == NO_COLUMN
    tables.run("alter table t add column b int")
    tables.run("select b from t")
