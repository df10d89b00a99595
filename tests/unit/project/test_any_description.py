"""Whatever the var policy_api holds is completed, or refused in our words."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.project.descriptions import (
    DEFAULT,
    GIVEN,
    RENDERED,
    SOURCES,
    SPECS,
    read_yaml,
    refusal,
)
from tests.unit.project.test_policy_api_var import GOOD
from tests.unit.project.test_policy_data import BAD
from tests.unit.project.wrong_descriptions import WRONG
from tests.unit.sql_audit.macros import Macros

# The macros for which nothing is surely right: every value meets those that explain.
SHORT_WAY = "macros/settings/_right_values.sql"
LONG_WAY = Macros(
    SOURCES
    | {
        SHORT_WAY: re.sub(
            r"(\{% macro _is_right\w*\([^)]*\) -%\}).*?(\{%- endmacro %\})",
            r"\1{{ return(false) }}\2",
            SOURCES[SHORT_WAY],
            flags=re.DOTALL,
        )
    },
    context={"var": lambda name, default=None: GIVEN.get(name, default)},
)

NAMES = st.sampled_from(
    [
        *(
            "secrets",
            "headers",
            "idempotency",
            "find",
            "create",
            "poll",
            "trigger",
            "method",
            "path",
        ),
        *("body", "id", "status", "already", "busy", "absent", "confirm", "at", "in", "base_url"),
        *("header", "name", "type", "keys", "items", "get", "k", "Accept", "X-Key", "none"),
    ]
) | st.text(max_size=4)
TEXTS = st.sampled_from(
    [
        *("", "none", "/a/b", "{policy}", "{policy.a}", "{policy_id}", "{secret.k}", "location"),
        *("header:X", "POST", "GET", "/a/{policy_id}?b={execution_id}", "a.b.c", "password", "$$"),
        *("{{x}}", "~", "{", "}", "{}", "\ud800", "x" * 50, "{a-b}", "{ secret.k }", "{policy:a}"),
        *("/a[0]", "/a/*", "/a ", "/ a", "Location", "/0/a", "{policy_id}}", "/" * 2001),
    ]
) | st.text(max_size=6)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | BAD.map(lambda bad: bad[0])
)
ANY = st.recursive(
    LEAVES | st.sampled_from([401, 404, 409, 422]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HEADERS = (
    st.sampled_from([{"A": None}, {"A": "{secret.k}", "x-b": "b"}, FORM, {"X-Key": "k"}])
    | st.dictionaries(
        st.sampled_from(
            ["Accept", "Content-Type", "X-A", "x-a", "Te", "If-Match", "X-Api-Key", "Cookie"]
        ),
        st.sampled_from(
            [
                *(None, "a", "a b ", "Bearer x", "{secret.k}", "x{secret.k}", "{secret.j}"),
                *("Basic dXNlcjpwYXNz", "{secret.k}}", "{ secret.k}", "a/json", "application/json"),
            ]
        ),
    )
    | ANY
)
ENDPOINTS = ANY | st.fixed_dictionaries(
    {},
    optional={
        "method": st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
        "path": TEXTS,
        "body": ANY,
        "id": st.sampled_from(["/a", "/0/a", "/a/-", "/a/", "location", "none", None]) | ANY,
        "status": st.sampled_from(["/a", ["/a", "/b"]]) | ANY,
        "busy": st.lists(st.sampled_from([409, 422]), max_size=2) | ANY,
        "already": st.lists(st.sampled_from([409, 422]), max_size=2) | ANY,
        "idempotency": st.sampled_from([None, "none", {"header": "K"}, {"body": "/a/b"}]) | ANY,
        "absent": st.lists(st.sampled_from([404, 410, 503]), max_size=2) | ANY,
        "confirm": st.sampled_from([{"at": "/a", "in": [True]}, {"at": "/a/-", "in": ["x"]}]) | ANY,
        "base_url": st.just("https://a.example") | ANY,
        "headers": HEADERS,
    },
)
DESCRIPTIONS = st.dictionaries(NAMES, ANY) | st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("find", "create", "poll", "trigger"), ENDPOINTS),
        "secrets": st.just({"k": "a.b.c"}) | ANY,
        "headers": HEADERS,
        "idempotency": st.sampled_from([None, "none", {"header": "K"}, {"body": "/a/b"}]) | ANY,
    },
)


@settings(max_examples=120, deadline=None)
@given(DESCRIPTIONS, st.booleans())
def test_any_mapping_is_completed_or_refused(described: dict[Any, Any], has_secret: bool) -> None:
    """No mapping of any shape ends the check in another way than by our refusal."""
    others: dict[str, Any] = {"policy_api_secret": "a.b.c"} if has_secret else {}
    said = refusal(described, **others)
    if said:
        assert said.startswith("the var policy_api does not describe an API. Nothing was sent.\n  ")
    else:
        assert set(json.loads(json.dumps(RENDERED._policy_api(SPECS)))) == set(DEFAULT)
        assert RENDERED._policy_api_hosts()


@settings(max_examples=80, deadline=None)
@given(DESCRIPTIONS)
def test_what_is_surely_right_is_right(described: dict[Any, Any]) -> None:
    """The short way past the macros that explain refuses what they refuse, in their words."""
    assert refusal(described) == refusal(described, macros=LONG_WAY)


@pytest.mark.parametrize("text", [*GOOD.values(), *(text for text, _, _ in WRONG)])
def test_the_short_way_is_no_other_way(text: str) -> None:
    """What the tests know to be right and wrong is so with and without the short way."""
    assert refusal(read_yaml(text)) == refusal(read_yaml(text), macros=LONG_WAY)
