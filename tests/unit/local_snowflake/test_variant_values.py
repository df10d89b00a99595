"""VARIANT beside other types: as text, as predicate, compared, and in branches."""

from __future__ import annotations

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.unit.local_snowflake.account import Account


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("""parse_json('"abc"')::varchar""", "abc"),
        ("parse_json('null')::varchar", None),
        ("parse_json('true')::varchar", "true"),
        ("""parse_json('{"b":1,"a":[1.0]}')::varchar""", '{"a":[1],"b":1}'),
        ("""to_varchar(parse_json('"[1]"'))""", "[1]"),
        ("""'"abc"'::varchar""", '"abc"'),
        ("""parse_json('"a"') || 'b'""", "ab"),
        ("""upper(parse_json('{"k":"x"}'):k)""", "X"),
        ("""length(parse_json('"abc"'))""", 3),
        ("""parse_json('"abc"') like 'a%'""", True),
        ("""parse_json('{"k":1}'):k + 1""", 2),
        ("""json_extract_path_text('{"k":1.0e5}', 'k')""", "100000"),
    ],
)
def test_a_variant_is_converted_where_another_type_is_asked_for(
    account: Account, expression: str, answer: object
) -> None:
    """A string gives its content, a JSON null NULL, and all else its JSON with sorted keys."""
    assert account.run(f"select {expression}") == [(answer,)]


@pytest.mark.parametrize(
    ("comparison", "answer"),
    [
        ("""parse_json('"abc"') = 'abc'""", True),
        ("""parse_json('"abc"') = '"abc"'""", False),
        ("""'abc' = parse_json('"abc"')""", True),
        ("""parse_json('{"a":1}') = '{"a":1}'""", True),
        ("parse_json('123') = 123", True),
        ("parse_json('123') = '123'", True),
        ("to_variant(1) = '1.0'", False),
        ("to_variant('1') = 1", False),
        ("1 < to_variant('abc')", True),
        ("parse_json('1e0') = parse_json('1.0')", True),
        ("parse_json('10') > parse_json('9')", True),
        ("""parse_json('{"a":1.0,"b":2}') = parse_json('{"b":2,"a":1}')""", True),
        ("""parse_json('{"a":1}') = to_variant('{"a":1}')""", False),
        ("parse_json('null') = parse_json('null')", True),
        ("parse_json('true') = true", True),
        ("to_variant('true') = true", False),
        ("true = to_variant('true')", True),
        ("parse_json('[1e0]') = array_construct(1)", True),
        ("parse_json('1') in ('1', '2')", True),
    ],
)
def test_a_variant_is_compared_by_kind_and_value(
    account: Account, comparison: str, answer: bool
) -> None:
    """With a text as text, with a number or another VARIANT by what it holds."""
    assert account.run(f"select {comparison}") == [(answer,)]


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("""coalesce(parse_json('"x"'), 'y')""", "x"),
        ("""nvl(parse_json('null'), 'y')""", "y"),
        ("""iff(true, parse_json('"7"'), 1)""", 7),
        ("""case when true then parse_json('"x"') else 'y' end""", "x"),
        ("""to_json(coalesce(parse_json('null'), parse_json('1')))""", "null"),
        ("""to_json(iff(false, parse_json('1'), null))""", None),
    ],
)
def test_branches_fold_to_one_type(account: Account, expression: str, answer: object) -> None:
    """A VARIANT beside another type becomes that type; among VARIANTs a JSON null stays one."""
    assert account.run(f"select {expression}") == [(answer,)]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("select 1 from t where v", r"Invalid data type \[VARIANT\] for predicate"),
        ("select 1 where 1", r"Invalid data type \[NUMBER\(1,0\)\] for predicate"),
        ("select false = to_variant(0)", "Failed to cast variant value 0 to BOOLEAN"),
        ("select max(v) from t", "Unsupported feature 'the order of VARIANTs"),
        ("select v from t order by v", "Unsupported feature 'the order of VARIANTs"),
        ("select v from t union all select 'a'", "Unsupported feature 'a set operation"),
        ("select v = current_timestamp() from t", "Unsupported feature 'a comparison"),
        ("select v in (1, 2) from t", "Unsupported feature 'a VARIANT in IN"),
        ("select [1, null]", "Unsupported feature 'a NULL in an ARRAY"),
        ("select try_cast(v as number) from t", "TRY_CAST cannot be used"),
        ("select try_cast(123 as varchar)", r"TRY_CAST cannot be used .* NUMBER\(3,0\)"),
    ],
)
def test_what_snowflake_refuses_or_is_not_known_is_refused(
    account: Account, statement: str, message: str
) -> None:
    """What Snowflake refuses, or this emulator does not know, is an error and never an answer."""
    account.run("create table t (v variant)")
    account.run("insert into t select parse_json('1')")
    with pytest.raises(ProgrammingError, match=message):
        account.run(statement)


def test_types_are_those_that_tables_have_now(account: Account) -> None:
    """A statement that is kept in translation is translated anew when its table has changed."""
    account.run("create table t (x varchar)")
    account.run("""insert into t values ('"a"')""")
    assert account.run("select x = 'a' from t") == [(False,)]
    account.run("create or replace table t as select parse_json('\"a\"') as x")
    assert account.run("select x = 'a' from t") == [(True,)]


@pytest.mark.parametrize(
    "source",
    [
        "t",
        "(select v from t)",
        "(select * from t)",
        "(select v from t union all select v from t where false)",
        "(with c as (select v from t) select * from c)",
        "(select t.* from t join (select 1 as one) o on true)",
    ],
)
def test_a_columns_type_is_found_where_it_comes_from(account: Account, source: str) -> None:
    """The type of a column is found through subqueries, stars, CTEs and set operations."""
    account.run("create table t (v variant)")
    account.run("insert into t select parse_json('\"a\"')")
    assert account.run(f"select s.v = 'a', s.v::varchar from {source} s") == [(True, "a")]
