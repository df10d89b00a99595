"""Fixed-point numbers and booleans: scales, divisions, aggregates, casts of texts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snowflake.connector.errors import ProgrammingError

from local_snowflake.engine.variant_functions import _divided
from tests.unit.local_snowflake.account import Account


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("1/3", "0.333333"), ("10/4", "2.500000"), ("-1/2000000", "-0.000001"),
        ("1.00::number(10,2)/3", "0.33333333"), ("3.50", "3.5"), ("3.00", "3"),
        ("1.10::number(10,2)", "1.10"), ("0.1 + 0.2", "0.3"), ("1.1 * 1.1", "1.21"),
        ("0.1234567::number(10,7) * 0.1234567::number(10,7)", "0.015241556775"),
        ("iff(true, 1, 1/0)", "1.000000"), ("coalesce(1.00::number(10,2), 1/0)", "1.000000"),
        ("case when false then 1/0 else 2 end", "2.000000"), ("nvl('1.5', 2)", "1.50000"),
        ("2.5::number", "3"), ("2.5::float::number", "3"), ("(-2.5)::float::number", "-3"),
        ("1e2::float", "100"), ("1e18::float", "1e+18"), ("1e-7::float", "1e-07"),
        ("0.1::float", "0.1"), ("-0.0::float", "-0"), ("sqrt(2)", "1.414213562"),
    ],
)  # fmt: skip
def test_the_scale_of_a_number(account: Account, expression: str, text: str) -> None:
    """An exact number has the decimals of its type; a FLOAT its ten digits."""
    assert account.run(f"select ({expression})::varchar") == [(text,)]


@pytest.mark.parametrize(
    ("aggregate", "text"),
    [
        ("sum(x)", "3.00"), ("avg(x)", "1.50000000"), ("median(x)", "1.50000"), ("sum(i)", "3"),
        ("avg(i)", "1.500000"), ("min(x)", "1.00"), ("avg(f)", "1.5"), ("sum(distinct x)", "3.00"),
        ("avg(distinct i)", "1.500000"), ("avg(nullif(i, 2))", "1.000000"),
        ("percentile_cont(0.5) within group (order by x)", "1.50000"),
        ("percentile_cont(0.5) within group (order by i)", "1.500"),
        ("percentile_disc(0.5) within group (order by x)", "1.00"),
        ("coalesce(sum(nullif(x, x)), 0)", "0.00"),
    ],
)  # fmt: skip
def test_the_scale_of_an_aggregate(account: Account, aggregate: str, text: str) -> None:
    """A sum has its column's decimals, an average six more, an interpolation three more."""
    account.run("create table t (x number(10,2), i number, f float)")
    account.run("insert into t values (1.00, 1, 1), (2.00, 2, 2)")
    assert account.run(f"select ({aggregate})::varchar from t") == [(text,)]
    assert account.run(f"select ({aggregate})::varchar from t where false") in (
        [(None,)],
        [("0.00",)],
    )


def test_an_average_over_a_window_has_its_scale_too(account: Account) -> None:
    """The window is the same for the sum and the count."""
    account.run("create table t (k varchar, i number)")
    account.run("insert into t values ('a', 1), ('a', 2), ('b', 5)")
    query = "select k, avg(i) over (partition by k) from t order by k, i"
    assert account.run(query) == [
        ("a", Decimal("1.500000")), ("a", Decimal("1.500000")), ("b", Decimal("5.000000")),
    ]  # fmt: skip


@given(
    st.decimals(-(10**12), 10**12, allow_nan=False, places=4),
    st.decimals(-(10**6), 10**6, allow_nan=False, places=3).filter(bool),
)
def test_a_quotient_is_exact_to_its_decimals(over: Decimal, under: Decimal) -> None:
    """A quotient differs from the true quotient by half of its last digit at most."""
    quotient = Decimal(str(_divided(str(over), str(under), 10)))
    assert abs(quotient * under - over) <= abs(under) * Decimal("0.00000000005")


@pytest.mark.parametrize(
    "expression", ["1/0", "1.5::float/0", "7 % 0", "i/0", "sum(i)/0", "1/(i-i)"]
)
def test_nothing_is_divided_by_zero(account: Account, expression: str) -> None:
    """A division by zero is error 100051, whatever the types."""
    account.run("create table t as select 1 as i")
    with pytest.raises(ProgrammingError, match="Division by zero") as failed:
        account.run(f"select {expression} from t group by i")
    assert (failed.value.errno, failed.value.sqlstate) == (100051, "22012")


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("'f'::boolean", False), ("'OFF'::boolean", False), ("'on'::boolean", True),
        ("'Yes'::boolean", True), ("to_boolean('n')", False), ("try_to_boolean('x')", None),
        ("try_cast('off' as boolean)", False), ("2::boolean", True), ("0::boolean", False),
        ("1 = true", True), ("2 = true", True), ("0 != true", True), ("true = 0", False),
        ("1.0 = true", True), ("iff(true, 3, 0) = true", True), ("true::number", 1),
        ("coalesce(null, 2, true)", True),
    ],
)  # fmt: skip
def test_booleans_and_what_becomes_one(account: Account, expression: str, answer: object) -> None:
    """Twelve texts are booleans; of numbers all but 0 are true, in comparisons, too."""
    assert account.run(f"select {expression}") == [(answer,)]


@pytest.mark.parametrize(
    ("expression", "errno", "message"),
    [
        ("'abc'::number", 100038, "Numeric value 'abc' is not recognized"),
        ("''::number", 100038, "Numeric value '' is not recognized"),
        ("'abc'::number(10,2)", 100038, "Numeric value 'abc' is not recognized"),
        ("'abc'::float", 100038, "Numeric value 'abc' is not recognized"),
        ("'abc'::boolean", 100037, "Boolean value 'abc' is not recognized"),
        ("nvl('abc', 1)", 100038, "Numeric value 'abc' is not recognized"),
        ("x from (select 1 as x union all select 'abc')", 100038, "Numeric value 'abc' is"),
    ],
)
def test_a_text_that_is_no_such_value_is_named(
    account: Account, expression: str, errno: int, message: str
) -> None:
    """The error has the text, and Snowflake's number."""
    with pytest.raises(ProgrammingError, match=message) as failed:
        account.run(f"select {expression}")
    assert failed.value.errno == errno
