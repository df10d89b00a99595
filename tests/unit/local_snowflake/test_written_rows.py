"""What MERGE, UPDATE, INSERT and defaults take, and what they count."""

from __future__ import annotations

import json

import pytest

from tests.unit.local_snowflake.account import Account
from tests.unit.local_snowflake.test_names_in_statements import refusal


@pytest.fixture
def pair(account: Account) -> Account:
    """Give a target, and a source with two rows for one of its rows."""
    account.run("create table tgt (id int, v varchar)")
    account.run("insert into tgt values (1, 'x'), (2, 'y'), (3, 'z')")
    account.run("create table src (id int, v varchar)")
    account.run("insert into src values (1, 'a'), (1, 'b'), (9, 'n'), (9, 'm')")
    return account


def test_a_merge_updates_no_row_from_many(pair: Account) -> None:
    """A MERGE that updates a row from many is refused with its number, and changes nothing."""
    sql = "merge into tgt using src on tgt.id = src.id when matched then update set v = src.v"
    assert refusal(pair, sql)[:2] == (100090, "42P18")
    assert refusal(pair, sql)[2] == "Duplicate row detected during DML action"
    assert pair.run("select v from tgt order by id") == [("x",), ("y",), ("z",)]


@pytest.mark.parametrize("source", ["src", "src s", "(select * from src) s"])
def test_a_merge_deletes_what_many_match(pair: Account, source: str) -> None:
    """A row goes once, whatever of its matches the condition is about; the rest is inserted."""
    name = source.rsplit(maxsplit=1)[-1]
    sql = (
        f"merge into tgt t using {source} on t.id = {name}.id"
        f" when matched and {name}.v = '{{}}' then delete"
        f" when not matched then insert (id, v) values ({name}.id, {name}.v)"
    )
    assert pair.run(sql.format("nothing")) == [(2, 0)]
    pair.run("delete from tgt where id = 9")
    assert pair.run(sql.format("b")) == [(2, 1)]
    assert pair.run("select id, v from tgt order by id, v") == [
        (2, "y"), (3, "z"), (9, "m"), (9, "n"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("items", "counts"),
    [
        ([[1, "p"]], (1, 0)),
        ([[1, "p"], [2, "q"]], (2, 0)),
        ([[1, "p"], [1, "q"], [1, "r"]], (1, 1)),
        ([[1, "p"], [1, "q"], [2, "r"], [2, "s"], [3, "t"]], (3, 2)),
        ([], (0, 0)),
    ],
)
@pytest.mark.parametrize("kept", ["", " and 'random' = 'random'"], ids=["kept", "not kept"])
def test_an_update_counts_the_rows_that_many_join(
    pair: Account, items: list[list[object]], counts: tuple[int, int], kept: str
) -> None:
    """An UPDATE counts each multi-joined row once, with values bound around the source."""
    sql = (
        "update tgt set v = s.v || ? from (select f.value[0]::number as id, f.value[1]::varchar as"
        " v from (select parse_json(?) as j) p, lateral flatten(input => p.j) f) s"
        f" where tgt.id = s.id and tgt.v <> ?{kept}"
    )
    assert pair.run(sql, "!", json.dumps(items), "nothing") == [counts]


TYPES = {
    "num": "number(10,2)", "vc": "varchar(10)", "dt": "date", "ts": "timestamp_ntz",
    "var": "variant", "bo": "boolean",
}  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("var", "'abc'", "expecting VARIANT but got VARCHAR(3) for column VAR"),
        ("num", "true", "expecting NUMBER(10,2) but got BOOLEAN for column NUM"),
        ("num", "current_date()", "expecting NUMBER(10,2) but got DATE for column NUM"),
        ("dt", "42", "expecting DATE but got NUMBER(2,0) for column DT"),
        ("dt", "1.50", "expecting DATE but got NUMBER(3,2) for column DT"),
        ("ts", "'12:00:00'::time", "incompatible types: [TIME(9)] and [TIMESTAMP_NTZ(9)]"),
        ("bo", "current_date()", "expecting BOOLEAN but got DATE for column BO"),
        ("num", "num = 1", "expecting NUMBER(10,2) but got BOOLEAN for column NUM"),
        ("var", "vc", "expecting VARIANT but got VARCHAR(10) for column VAR"),
        ("num", None, None),
        ("num", "'42'", None),
        ("num", "var", None),
        ("vc", "42", None),
        ("vc", "var", None),
        ("var", "42", None),
        ("var", "num", None),
        ("ts", "current_date()", None),
        ("dt", "current_timestamp()", None),
        ("bo", "1", None),
    ],
)
def test_an_insert_is_refused_by_its_types_before_a_row(
    account: Account, column: str, value: str | None, words: str | None
) -> None:
    """An INSERT is refused by its types even without rows; a possible conversion is tried."""
    account.run(f"create table t ({', '.join(f'{name} {kind}' for name, kind in TYPES.items())})")
    sql = f"insert into t ({column}) select {value or 'null'} from t where false"
    if words is None:
        assert account.run(sql) == [(0,)]
    else:
        found = refusal(account, sql)
        assert found[:2] == (2023, "22000")
        assert words in found[2]


@pytest.mark.parametrize(
    ("kind", "default", "is_taken"),
    [
        ("number(5,1)", "'7'", False), ("float", "'7'", False), ("date", "'2026-01-01'", False),
        ("time", "'12:00:00'", False), ("timestamp_ntz", "'2026-01-01 00:00:00'", False),
        ("varchar(9)", "7", False), ("boolean", "1", False), ("variant", "7", False),
        ("number", "upper('a')", False), ("number", "'a' || 'b'", False),
        ("varchar(9)", "1 + 1", False), ("varchar(9)", "length('abc')", False),
        ("number", "7::varchar", False), ("varchar(9)", "'7'::number", False),
        ("date", "current_timestamp()", False), ("time", "current_timestamp()", False),
        ("varchar(9)", "current_date()", False), ("varchar(9)", "current_timestamp()", False),
        ("number(5,1)", "7", True), ("varchar(9)", "'z'", True), ("boolean", "'true'", True),
        ("number(5,1)", "true", True), ("varchar(9)", "false", True), ("date", "null", True),
        ("date", "'2026-01-01'::date", True), ("number", "'7'::number", True),
        ("number", "length('abc')", True), ("number", "1 + 1", True),
        ("varchar(9)", "'a' || 'b'", True),
        ("timestamp_ntz", "current_date()", True), ("timestamp_ntz", "current_timestamp()", True),
        ("date", "current_date()", True),
    ],
)  # fmt: skip
def test_a_default_fits_its_column_by_its_family(
    account: Account, kind: str, default: str, is_taken: bool
) -> None:
    """A literal of the wrong kind is refused with the column's name; a cast changes its kind."""
    sql = f"create table d (c {kind} default {default})"
    if is_taken:
        account.run(sql)
    else:
        assert refusal(account, sql)[2] == (
            "SQL compilation error:\nDefault value data type does not match data type for column C"
        )
