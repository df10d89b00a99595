"""Numbers in a VARIANT: exact where they are written plainly, a DOUBLE where with an exponent."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snowflake.connector.errors import ProgrammingError

from local_snowflake.values import variant_text
from tests.unit.local_snowflake.account import Account

DIGITS = st.text("0123456789", min_size=1, max_size=17)
PLAIN = st.builds(
    lambda sign, whole, rest: sign + str(int(whole)) + rest,
    st.sampled_from(["", "-"]),
    DIGITS,
    st.one_of(st.just(""), DIGITS.map(lambda digits: f".{digits}")),
)
EXPONENTS = st.builds(lambda number, power: f"{number}e{power}", PLAIN, st.integers(-200, 200))
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufdd0"), max_size=8)
VALUES = st.recursive(
    st.one_of(PLAIN, EXPONENTS, st.sampled_from(["null", "true", "false"]), TEXTS.map(json.dumps)),
    lambda items: st.one_of(
        st.lists(items, max_size=4).map(lambda found: f"[{', '.join(found)}]"),
        st.dictionaries(TEXTS, items, max_size=4).map(
            lambda found: f"{{{', '.join(f'{json.dumps(k)}: {v}' for k, v in found.items())}}}"
        ),
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("written", "shown", "text", "kind"),
    [
        ("1.0", "1", "1", "INTEGER"),
        ("90.00", "90", "90", "INTEGER"),
        ("-0.0", "0", "0", "INTEGER"),
        ("-0", "0", "0", "INTEGER"),
        ("2.50", "2.5", "2.5", "DECIMAL"),
        ("0.00001", "0.00001", "0.00001", "DECIMAL"),
        ("0.0000001", "0.0000001", "0.0000001", "DECIMAL"),
        ("1.234567890123456", "1.234567890123456", "1.234567890123456", "DECIMAL"),
        ("12345678901234567890", "12345678901234567890", "12345678901234567890", "INTEGER"),
        ("12345678901234567890.5", "12345678901234567890.5", "12345678901234567890.5", "DECIMAL"),
        ("0.30000000000000004", "0.30000000000000004", "0.30000000000000004", "DECIMAL"),
        ("1e5", "1.000000000000000e+05", "100000", "DOUBLE"),
        ("1.0E+0", "1.000000000000000e+00", "1", "DOUBLE"),
        ("0e0", "0.000000000000000e+00", "0", "DOUBLE"),
        ("-0e0", "-0.000000000000000e+00", "-0", "DOUBLE"),
        ("1E-7", "1.000000000000000e-07", "1e-07", "DOUBLE"),
        ("1e308", "1.000000000000000e+308", "1e+308", "DOUBLE"),
        ("1.23456789123e8", "1.234567891230000e+08", "123456789.123", "DOUBLE"),
        ("8.999999761581421e-01", "8.999999761581421e-01", "0.8999999762", "DOUBLE"),
    ],
)
def test_a_number_is_shown_as_snowflake_shows_it(
    account: Account, written: str, shown: str, text: str, kind: str
) -> None:
    """A number looks the same alone, in a list, in an object, from a table and from a FLATTEN."""
    account.run("create table t (v variant)")
    account.run(
        "insert into t select parse_json(?)", f'{{"z": 1, "n": {written}, "l": [{written}]}}'
    )
    where = {
        "parse_json(?)": [written],
        "parse_json(?)[0]": [f"[{written}]"],
        "parse_json(?):k": [f'{{"k": {written}}}'],
        "(select v:n from t)": [],
        "(select f.value from t, lateral flatten(input => t.v:l) f)": [],
        "array_construct(parse_json(?))[0]": [written],
    }
    for value, bound in where.items():
        query = f"select to_json({value}), {value}::varchar, typeof({value})"
        assert account.run(query, *bound * 3) == [(shown, text, kind)], value
    whole = f'{{"l":[{shown}],"n":{shown},"z":1}}'
    assert account.run("select to_json(v), v::varchar, v:l::varchar from t") == [
        (whole, whole, f"[{shown}]")
    ]
    ((pretty,),) = account.run("select v from t")
    assert pretty == json.dumps(
        {"l": ["@"], "n": "@", "z": 1}, indent=2
    ).replace('"@"', shown)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(value=VALUES)
def test_what_is_read_back_is_what_was_given(value: str) -> None:
    """Keys, texts, exact numbers and 15 decimals of the others come back, whatever the value."""
    kept = variant_text.canonical(value)
    assert kept is not None
    shown = variant_text.json_text(kept)
    assert _exact(shown) == _exact(value)
    assert json.dumps(json.loads(shown), sort_keys=True) == json.dumps(json.loads(shown))
    again = variant_text.canonical(shown)
    assert again is not None
    assert variant_text.json_text(again) == shown


def _exact(text: str) -> object:
    def number(digits: str) -> object:
        return f"{float(digits):.15e}" if "e" in digits.lower() else Decimal(digits)

    return json.loads(text, parse_float=number, parse_int=Decimal)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("1e2", 100), ("2.5", 3), ("-2.5", -3), ('"42"', 42), ('" 7 "', 7), ("true", 1),
        ("null", None), ('"1.50"', 2), ("405", 405),
    ],
)  # fmt: skip
def test_a_variant_becomes_a_number(account: Account, value: str, number: int | None) -> None:
    """What is a number, spells one or is a boolean becomes one; halves go away from zero."""
    query = 'select parse_json(?)::number, parse_json(?):"k"::number'
    assert account.run(query, value, f'{{"k": {value}}}') == [(number, number)]


@pytest.mark.parametrize(
    ("value", "cast", "message"),
    [
        ('"abc"', "number", 'Failed to cast variant value "abc" to FIXED'),
        (
            "[1,1e5]",
            "number(10,2)",
            "Failed to cast variant value [1,1.000000000000000e+05] to FIXED",
        ),
        ('"abc"', "float", 'Failed to cast variant value "abc" to REAL'),
        ("1", "boolean", "Failed to cast variant value 1 to BOOLEAN"),
        ('"abc"', "boolean", 'Failed to cast variant value "abc" to BOOLEAN'),
        ("1", "date", "Failed to cast variant value 1 to DATE"),
        ("1", "object", "Failed to cast variant value 1 to OBJECT"),
    ],
)
def test_a_cast_that_fails_says_so_as_snowflake(
    account: Account, value: str, cast: str, message: str
) -> None:
    """The error names the value as JSON and the type, with number 100071."""
    with pytest.raises(ProgrammingError, match=r".*") as failed:
        account.run(f"select parse_json(?)::{cast}", value)
    assert (failed.value.errno, failed.value.sqlstate) == (100071, "22000")
    assert message in str(failed.value)


@pytest.mark.parametrize("text", ["{", "not json", '{"a":1,"a":2}', "NaN", "[1,]", '"\\ud800"'])
def test_what_is_no_json_is_refused(account: Account, text: str) -> None:
    """PARSE_JSON fails with 100069, TRY_PARSE_JSON gives NULL."""
    with pytest.raises(ProgrammingError, match="Error parsing JSON") as failed:
        account.run("select parse_json(?)", text)
    assert failed.value.errno == 100069
    assert account.run("select try_parse_json(?)", text) == [(None,)]


@pytest.mark.parametrize("text", ["1e400", '"\ufdd0"'])
def test_what_cannot_be_kept_is_refused_with_words(account: Account, text: str) -> None:
    """What Snowflake makes of it is not known, or not kept here: it is not answered."""
    with pytest.raises(ProgrammingError, match="Unsupported feature"):
        account.run("select parse_json(?)", text)


@pytest.mark.parametrize(
    ("value", "shown", "kind"),
    [
        ("1.5::float", "1.500000000000000e+00", "DOUBLE"),
        ("3.00", "3", "INTEGER"),
        ("1.50::number(10,2)", "1.5", "DECIMAL"),
        ("12345678901234567890.5", "12345678901234567890.5", "DECIMAL"),
        ("'[1]'", '"[1]"', "VARCHAR"),
        ("true", "true", "BOOLEAN"),
        ("123", "123", "INTEGER"),
    ],
)
def test_a_value_becomes_a_variant_of_its_kind(
    account: Account, value: str, shown: str, kind: str
) -> None:
    """TO_VARIANT, casts, constructors and aggregates keep the kind; no text is parsed."""
    for made in (
        f"to_variant({value})",
        f"({value})::variant",
        f"array_construct({value})[0]",
        f"object_construct('k', {value}):k",
        f"(select array_agg(x) from (select {value} as x))[0]",
        f"(select object_agg('k', x) from (select {value} as x)):k",
    ):
        assert account.run(f"select to_json({made}), typeof({made})") == [(shown, kind)], made
