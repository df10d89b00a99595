"""What FLATTEN takes, what it refuses, and the rows that it gives."""

from __future__ import annotations

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.unit.local_snowflake.account import Account


@pytest.mark.parametrize(
    ("arguments", "rows"),
    [
        ("""input => parse_json('{"b":1,"a":2}')""", [
            ("a", "a", None, "2"), ("b", "b", None, "1"),
        ]),
        ("""parse_json('[7]')""", [(None, "[0]", 0, "7")]),
        ("input => parse_json('7')", []),
        ("""input => parse_json('"[1]"')""", []),
        ("input => parse_json(null)", []),
        ("input => null", []),
        ("input => parse_json('[]')", []),
        ("input => parse_json('7'), outer => true", [(None, None, None, None)]),
        ("input => parse_json('{}'), outer => true", [(None, "", None, None)]),
        ("""input => parse_json('{"a":{"b":[1]}}'), path => 'a.b'""", [(None, "a.b[0]", 0, "1")]),
        ("input => parse_json('[1]'), path => 'nosuch'", []),
        (
            """input => parse_json('[[1],2]'), recursive => true""",
            [(None, "[0]", 0, "[1]"), (None, "[0][0]", 0, "1"), (None, "[1]", 1, "2")],
        ),
        ("""input => parse_json('{"a":[1]}'), mode => 'ARRAY', recursive => true""", []),
        ("""input => parse_json('{"a b":1}')""", [("a b", "['a b']", None, "1")]),
        ("""input => parse_json('{"$.a":1,"/b":2}')""", [
            ("$.a", "['$.a']", None, "1"), ("/b", "['/b']", None, "2"),
        ]),
    ],
)  # fmt: skip
def test_the_rows_of_a_flatten(
    account: Account, arguments: str, rows: list[tuple[object, ...]]
) -> None:
    """FLATTEN gives items by index, members by sorted key, and of a scalar no row."""
    query = (
        f"select key, path, index, to_json(value) from table(flatten({arguments})) order by path"
    )
    assert account.run(query) == rows


def test_seq_and_this_are_of_what_is_flattened(account: Account) -> None:
    """One value is the first record; in a flatten of rows, SEQ is refused, for it is not known."""
    query = "select f.seq, f.this::varchar from table(flatten(input => parse_json('[1,2]'))) f"
    assert account.run(query) == [(1, "[1,2]"), (1, "[1,2]")]
    account.run("create table t (v variant)")
    with pytest.raises(ProgrammingError, match="Unsupported feature 'SEQ"):
        account.run("select f.seq from t, lateral flatten(input => t.v) f")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("input => '[1,2,3]'", r"invalid type \[VARCHAR\(7\)\] for parameter 'INPUT'"),
        ("'[1,2,3]'", r"invalid type \[VARCHAR\(7\)\] for parameter '1'"),
        ("input => 1", r"invalid type \[NUMBER\(1,0\)\] for parameter 'INPUT'"),
        ("input => parse_json('[]'), outer => 'TRUE'", r"\[VARCHAR\(4\)\] for parameter 'OUTER'"),
        ("input => parse_json('[]'), path => 1", r"\[NUMBER\(1,0\)\] for parameter 'PATH'"),
        ("input => parse_json('[]'), mode => 'X'", "Bad flattening mode 'X'"),
        ("input => parse_json('[]'), nosuch => 1", r"unexpected argument \[NOSUCH\] at position 2"),
        ("mode => 'OBJECT'", r"missing required argument \[INPUT\] for function \[FLATTEN\]"),
    ],
)
def test_other_arguments_are_refused(account: Account, arguments: str, message: str) -> None:
    """As Snowflake does, by the parameter's name, or its place where it has none."""
    with pytest.raises(ProgrammingError, match=message):
        account.run(f"select * from table(flatten({arguments}))")
