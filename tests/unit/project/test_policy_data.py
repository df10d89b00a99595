"""What can be sent as a policy, as the macro sees it that looks before anything is sent."""

from __future__ import annotations

import datetime
import decimal
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.project.test_lines import RENDERED
from tests.unit.sql_audit.macros import StoppedError

MOST = 100_000
SECRET = "hunter2"
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
KEYS = TEXTS | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, width=16)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
BAD = st.sampled_from(
    [
        (datetime.date(2026, 11, 24), "a date"),
        (datetime.datetime(2026, 11, 24, 1, 2), "a date"),
        (datetime.time(1, 2), "a time"),
        ({SECRET}, "a set"),
        (SECRET.encode(), "bytes"),
        (bytearray(SECRET.encode()), "bytes"),
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (f"{SECRET}\udc00", "a text with half of a surrogate pair"),
        ("\ud83d", "a text with half of a surrogate pair"),
        (decimal.Decimal("1.5"), "a value of another kind"),
        (object(), "a value of another kind"),
    ]
)


def _refusal(policy: Any, most: int = MOST) -> str | None:
    """Say why a policy is refused; None when it is not."""
    try:
        RENDERED._check_policy_data(policy, "", most)
    except StoppedError as stopped:
        return str(stopped).removeprefix("❌ policy_workflow: ")
    return None


def _nested(depth: int, innermost: Any = None) -> Any:
    for level in range(depth):
        innermost = {"a": innermost} if level % 2 else [innermost]
    return innermost


@given(
    st.dictionaries(
        TEXTS,
        st.recursive(
            LEAVES,
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
            max_leaves=30,
        ),
        min_size=1,
    )
)
def test_what_json_can_carry_passes(policy: dict[str, Any]) -> None:
    """No policy of objects, lists, texts, numbers, booleans and nothing is refused."""
    characters = len(json.dumps(policy))
    assert _refusal(policy, characters) is None
    assert _refusal(policy, characters - 1) is not None


@given(BAD, st.lists(TEXTS | st.integers(0, 4), max_size=6), LEAVES)
def test_any_other_value_is_refused(
    bad: tuple[Any, str], path: list[str | int], other: Any
) -> None:
    """Wherever it stands, it is named by its path and kind, and not shown."""
    value, kind = bad
    for step in reversed(path):
        value = {"other": other, step: value} if isinstance(step, str) else [other] * step + [value]
    said = _refusal({"top": value})
    shown = "".join(f".{step}" if isinstance(step, str) else f"[{step}]" for step in path)
    place = RENDERED._line(f"top{shown}")
    quotes = "; put it in quotes" if kind in ("a date", "a time") else ""
    words = "policy_data holds a value that JSON cannot carry, at"
    assert said == f"{words} {place} ({kind}){quotes}"


@given(st.dictionaries(KEYS, LEAVES, min_size=1))
def test_keys_that_are_one_in_json_are_refused(keyed: dict[Any, Any]) -> None:
    """Keys that are no texts become some; an object loses no key by that without a word."""
    finite = all(not isinstance(key, float) or key - key == 0 for key in keyed)
    survives = finite and len(json.loads(json.dumps(keyed))) == len(keyed)
    for policy, place in ((keyed, "policy_data"), ({"a": [keyed]}, "a[0]")):
        said = _refusal(policy)
        assert (said is None) is survives
        assert said is None or place in said


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (datetime.date(2026, 11, 24), "a date); put it in quotes"),
        (SECRET.encode(), "bytes)"),
        ((1, 2), "a list of 2)"),
        (float("nan"), "NaN)"),
        ("\ud800", "a text with half of a surrogate pair)"),
    ],
)
def test_keys_that_json_cannot_carry_are_refused(key: Any, kind: str) -> None:
    """A key that JSON cannot have is named by its kind, and the object by its path."""
    words = "policy_data holds a value that JSON cannot carry, as a key of"
    assert _refusal({key: SECRET}) == f"{words} policy_data ({kind}"
    assert _refusal({"a": {"b": [1, {key: SECRET}]}}) == f"{words} a.b[1] ({kind}"


@pytest.mark.parametrize("policy", [None, "a: secret", [], ["secret"], {}, 17, b"secret"])
def test_what_is_no_object_is_refused(policy: Any) -> None:
    """A refusal names the kind of what was given, not its content."""
    said = _refusal(policy)
    assert said is not None
    assert said.startswith("policy_data must be a JSON object such as")
    assert said.endswith(f"Got: {RENDERED._kind(policy)}")
    assert "secret" not in said


@pytest.mark.parametrize("innermost", [None, "text", {}, []])
def test_fifty_levels(innermost: Any) -> None:
    """50 levels of objects and lists pass, 51 do not."""
    levels = 49 - (innermost in ({}, []))
    assert _refusal({"a": _nested(levels, innermost)}) is None
    assert _refusal({"a": _nested(levels + 1, innermost)}) == (
        "policy_data is nested over 50 levels deep"
    )


def test_a_policy_that_holds_itself() -> None:
    """YAML's aliases can make one; it is too deep."""
    policy: dict[str, Any] = {"a": 1}
    policy["b"] = policy
    assert _refusal(policy) == "policy_data is nested over 50 levels deep"


@pytest.mark.parametrize(
    "seed", [[], ["x" * 100], {"x" * 100: None}, ["x", {"y": 1}]], ids=["empty", "text", "key", "-"]
)
def test_many_of_few(seed: Any) -> None:
    """Aliases that make 2 ** 45 values are refused without a look at each."""
    value = seed
    for _ in range(45):
        value = [value, value]
    said = _refusal({"a": value})
    assert said is not None
    assert "policy_max_policy_characters allows 100000" in said


@pytest.mark.parametrize("most", [1000, 5000])
def test_characters_are_counted_as_json(most: int) -> None:
    """The var bounds the length of the JSON text, its escapes included."""
    policy = {"a": "é" * 100}
    policy["b"] = "x" * (most - len(json.dumps(policy | {"b": ""})))
    assert len(json.dumps(policy)) == most
    assert _refusal(policy, most) is None
    policy["b"] += "x"
    said = _refusal(policy, most)
    assert said is not None
    assert said.endswith(f"the var policy_max_policy_characters allows {most}")
