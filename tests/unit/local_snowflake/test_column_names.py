"""The names of what a query selects."""

from __future__ import annotations

import pytest

from tests.unit.local_snowflake.account import Account, execute


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("select amount    +    1, amount+1, amount::int from t",
         ["AMOUNT    +    1", "AMOUNT+1", "AMOUNT::INT"]),
        ("select amount +\n1 from t", ["AMOUNT +\n1"]),
        ("select upper('a'), 1, 'x'", ["UPPER('A')", "1", "'X'"]),
        ("""select "lc", "lc" || 'x' from t""", ["lc", "\"LC\" || 'X'"]),
        ("select distinct count(*), max(amount), (amount + 1) from t group by amount",
         ["COUNT(*)", "MAX(AMOUNT)", "(AMOUNT + 1)"]),
        ("select (amount), ((s.amount)), s.amount as x, count(*) as \"lower\" from t s group by 1",
         ["AMOUNT", "AMOUNT", "X", "lower"]),
        ("select amount+1 from t union all select amount+2 from t", ["AMOUNT+1"]),
        ("with c as (select 1 as a) select a, a in (1, 2), extract(year from sysdate()) from c",
         ["A", "A IN (1, 2)", "EXTRACT(YEAR FROM SYSDATE())"]),
        ("select case when amount > 1 then 'a' end, coalesce(amount, 1) from t",
         ["CASE WHEN AMOUNT > 1 THEN 'A' END", "COALESCE(AMOUNT, 1)"]),
        ("select random() is not null, current_role()", ["RANDOM() IS NOT NULL", "CURRENT_ROLE()"]),
        ("select 1 as a, 2 as a, 3 as b", ["A", "A", "B"]),
    ],
)  # fmt: skip
def test_a_column_without_a_name_is_named_after_its_text(
    account: Account, sql: str, names: list[str]
) -> None:
    """In upper case as it was written, blanks and quoted names included; columns by themselves."""
    account.run('create table t (amount number, "lc" varchar)')
    cursor = execute(account.connection, sql)
    assert [column.name for column in cursor.description] == names
