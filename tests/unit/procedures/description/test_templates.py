"""How the placeholders of a description are filled."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.common.redaction import REDACTED
from procedures.description.templates import (
    PlaceholderError,
    Values,
    fill_body,
    fill_form,
    fill_text,
    fill_url,
)

POLICY = '{"name": "a/b?c", "n": 1.10, "big": 1e400, "on": true, "none": null, "in": {"id": 7}}'
KNOWN = Values({"policy_id": "p 1", "secret.key": "s"}, POLICY)


def test_a_whole_placeholder_keeps_its_type() -> None:
    """In a body, a text that is one placeholder becomes the value; a longer text holds its text."""
    template = {
        "a": "{policy.on}",
        "b": "{policy.none}",
        "c": "{policy.in}",
        "d": "x-{policy.in.id}",
    }
    assert json.loads(fill_body(template, KNOWN)) == {
        "a": True, "b": None, "c": {"id": 7}, "d": "x-7",
    }  # fmt: skip


@pytest.mark.parametrize("policy_id", ["77", "0", "-1", "9007199254740993"])
def test_an_id_is_sent_as_a_number_where_the_description_says_so(policy_id: str) -> None:
    """Digit by digit; an id is a text otherwise, whatever the API wrote."""
    values = Values({"policy_id": policy_id})
    assert fill_body({"a": "{policy_id.number}"}, values) == f'{{"a": {policy_id}}}'
    assert fill_body(["{policy_id}"], values) == f'["{policy_id}"]'


@pytest.mark.parametrize("policy_id", ["p-1", "007", "1e3", "", "٣", "1.0"])
def test_an_id_that_is_no_number_is_not_sent_as_one(policy_id: str) -> None:
    """The error names the id."""
    with pytest.raises(PlaceholderError, match=f"policy_id '{policy_id}' is no whole number"):
        fill_body({"a": "{policy_id.number}"}, Values({"policy_id": policy_id}))


def test_numbers_of_a_policy_are_sent_digit_by_digit() -> None:
    """A number is not rewritten, and one that no double holds is not lost."""
    assert fill_body({"a": ["{policy.n}", "{policy.big}"]}, KNOWN) == '{"a": [1.10, 1e400]}'
    assert fill_text("{policy.n}", KNOWN) == "1.10"
    assert fill_body({"p": "{policy}"}, KNOWN) == f'{{"p": {POLICY}}}'


def test_a_policy_alone_is_sent_as_it_is() -> None:
    """An API that compares bodies sees the stored text, to the byte."""
    assert fill_body("{policy}", Values({}, ' {"a":1.0}')) == ' {"a":1.0}'


def test_what_is_no_placeholder_stays() -> None:
    """Braces with spaces, as in GraphQL, are part of the text."""
    query = "mutation { create(name: $n) { id } }"
    assert json.loads(fill_body({"query": query, "n": [1, None]}, KNOWN)) == {
        "query": query,
        "n": [1, None],
    }


@given(st.text(min_size=1).filter(lambda text: text not in (".", "..")))
def test_a_value_in_an_address_is_one_segment(value: str) -> None:
    """Whatever a value holds, it neither begins a new segment nor a query, and reads back."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return
    url = fill_url("https://h/a/{policy_id}/b", Values({"policy_id": value}))
    parts = urlsplit(url)
    assert (parts.netloc, parts.query, parts.fragment) == ("h", "", "")
    assert [unquote(part) for part in parts.path.split("/")] == ["", "a", value, "b"]


@pytest.mark.parametrize(
    ("address", "value"),
    [
        *(("/a/{policy_id}", value) for value in ("", ".", "..")),
        ("/a/{policy_id}/b?c={policy_id}", ".."),
        ("/a/{policy_id}{policy_id}", "."),
        ("/a/.{policy_id}/b", "."),
        ("/a/%2e{policy_id}", "."),
        ("/{policy_id}", ""),
    ],
)
def test_a_value_that_would_climb_is_refused(address: str, value: str) -> None:
    """A segment of a path that becomes empty, or dots only, would lead to another resource."""
    with pytest.raises(PlaceholderError, match="another address") as raised:
        fill_url(f"https://h{address}", Values({"policy_id": value}))
    assert "{policy_id}" in str(raised.value)


@pytest.mark.parametrize("value", ["", ".", "..", "../.."])
@pytest.mark.parametrize("address", ["/a?b={policy_id}", "/a/x-{policy_id}?b={policy_id}&c=.."])
def test_a_value_in_a_query_leads_nowhere_else(address: str, value: str) -> None:
    """Only whole segments of the path name another resource."""
    url = fill_url(f"https://h{address}", Values({"policy_id": value}))
    assert parse_qs(urlsplit(url).query, keep_blank_values=True)["b"] == [value]


def test_dots_that_the_description_wrote_are_left() -> None:
    """Only values are looked at: what the description writes itself, it means."""
    assert fill_url("https://h/./a/{policy_id}", Values({"policy_id": "b"})) == "https://h/./a/b"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{policy.gone}", "no field gone"),
        ("{policy.in.gone}", "no field in.gone"),
        ("{policy.n.deeper}", "no field n.deeper"),
        ("x{policy.in}", "is an object"),
        ("x{policy.none}", "is null"),
        ("{trigger_reason}", "no value"),
    ],
)
def test_a_value_that_is_missing_is_refused(template: str, said: str) -> None:
    """The error names the placeholder and what is wrong."""
    with pytest.raises(PlaceholderError, match=said) as raised:
        fill_body({"a": template}, KNOWN)
    assert raised.value.error_class == "PlaceholderMissing"


def test_a_value_that_the_history_did_not_keep_is_not_sent() -> None:
    """A redacted secret is no value: nothing is sent."""
    restored = Values({}, json.dumps({"key": REDACTED, "name": "n"}))
    assert fill_text("{policy.name}", restored) == "n"
    for template in ("{policy.key}", "{policy}"):
        with pytest.raises(PlaceholderError) as raised:
            fill_body(template, restored)
        assert raised.value.error_class == "SecretsNotKept"


def test_a_secret_field_of_the_policy_is_not_shown_in_an_address() -> None:
    """The address that is stored leaves out a field whose name says that it is secret."""
    known = Values({}, '{"api_key": "k", "id": "i"}')
    url = "https://h/{policy.id}?k={policy.api_key}"
    assert fill_url(url, known) == "https://h/i?k=k"
    assert fill_url(url, known, shown=True) == f"https://h/i?k={REDACTED}"


@pytest.mark.parametrize(
    ("template", "pointer", "body"),
    [
        ({"incident": {"t": 1}}, "/incident/key", {"incident": {"t": 1, "key": "k"}}),
        ({}, "/a~1b/c~0d", {"a/b": {"c~d": "k"}}),
        ("{policy}", "/key", {**json.loads(POLICY.replace("1e400", "1")), "key": "k"}),
    ],
)
def test_the_idempotency_key_stands_in_the_body(template: Any, pointer: str, body: Any) -> None:
    """The key is put at its pointer; objects on the way are made."""
    text = fill_body(template, Values({}, POLICY.replace("1e400", "1")), (pointer, "k"))
    assert json.loads(text) == body
    with pytest.raises(PlaceholderError, match="no object at /n/key"):
        fill_body("{policy}", KNOWN, ("/n/key", "k"))


@pytest.mark.parametrize("pointer", ["/name", "/in", "/in/id", "/none"])
def test_the_idempotency_key_takes_no_place_of_the_policy(pointer: str) -> None:
    """A field of the policy is sent, or nothing is sent: the key does not overwrite it."""
    with pytest.raises(PlaceholderError, match=f"something else at {pointer}"):
        fill_body("{policy}", KNOWN, (pointer, "k"))


def test_a_form_is_encoded_as_browsers_do() -> None:
    """Values by their text, a list as the key several times, and nothing is rewritten."""
    template = {
        "a b": "{policy.name}",
        "n": "{policy.n}",
        "on": True,
        "days": 3,
        "tag": ["x&y", "{policy.in.id}"],
        "none": [],
        "big": "{policy.big}",
        "say": "ü=~ {policy_id}",
    }
    text = fill_form(template, KNOWN, ("/key", "k:1"))
    assert text == (
        "a+b=a%2Fb%3Fc&n=1.10&on=true&days=3&tag=x%26y&tag=7&big=1e400&say=%C3%BC%3D~+p+1&key=k%3A1"
    )
    assert parse_qs(text)["tag"] == ["x&y", "7"]
    assert fill_form("{policy}", Values({}, '{"a": 1, "b": ["c", false]}')) == "a=1&b=c&b=false"
    assert fill_form({"tags": "{policy.t}"}, Values({}, '{"t": ["c", "d"]}')) == "tags=c&tags=d"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ({"a": "{policy.in}"}, "a is an object"),
        ({"a": "{policy.none}"}, "a is null"),
        ({"a": ["{policy.in}"]}, "a is an object"),
        ({"a": "{policy}"}, "a is an object"),
        ("{policy}", "is an object"),
        ("{policy.name}", "is no object"),
    ],
)
def test_a_form_is_flat(template: Any, said: str) -> None:
    """What a form cannot carry is refused, and nothing is sent."""
    with pytest.raises(PlaceholderError, match=said) as raised:
        fill_form(template, Values({}, '{"name": "n", "in": {"id": 7}, "none": null}'))
    assert raised.value.error_class == "PlaceholderMissing"
