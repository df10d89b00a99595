"""Whatever the var policy_api holds is completed, or refused in our words."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.project.descriptions import DEFAULT, RENDERED, SPECS, refusal
from tests.unit.project.test_policy_data import BAD

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
        *("{{x}}", "~", "{", "}", "{}", "\ud800", "x" * 50),
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
ENDPOINTS = ANY | st.fixed_dictionaries(
    {},
    optional={
        "method": st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
        "path": TEXTS,
        "body": ANY,
        "id": st.sampled_from(["/a", "location", None]) | ANY,
        "status": st.sampled_from(["/a", ["/a", "/b"]]) | ANY,
        "busy": st.lists(st.sampled_from([409, 422]), max_size=2) | ANY,
        "already": st.lists(st.sampled_from([409, 422]), max_size=2) | ANY,
        "idempotency": st.sampled_from([None, "none", {"header": "K"}, {"body": "/a/b"}]) | ANY,
        "confirm": st.just({"at": "/a", "in": [True]}) | ANY,
        "base_url": ANY,
    },
)
DESCRIPTIONS = st.dictionaries(NAMES, ANY) | st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("find", "create", "poll", "trigger"), ENDPOINTS),
        "secrets": st.just({"k": "a.b.c"}) | ANY,
        "headers": st.just({"A": "{secret.k}"}) | ANY,
        "idempotency": st.sampled_from([None, "none", {"header": "K"}, {"body": "/a/b"}]) | ANY,
    },
)


@settings(max_examples=120, deadline=None)
@given(DESCRIPTIONS, st.booleans())
def test_any_mapping_is_completed_or_refused(described: dict[Any, Any], has_secret: bool) -> None:
    """No mapping of any shape ends the check in another way than by our refusal."""
    others = {"policy_api_secret": "a.b.c"} if has_secret else {}
    said = refusal(described, **others)
    if said:
        assert said.startswith("the var policy_api does not describe an API. Nothing was sent.\n  ")
    else:
        assert set(json.loads(json.dumps(RENDERED._policy_api(SPECS)))) == set(DEFAULT)
        assert RENDERED._policy_api_hosts()
