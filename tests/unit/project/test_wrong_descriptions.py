"""A wrong description is refused by the place of what is wrong, before anything is sent."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.unit.project.descriptions import GIVEN, RENDERED, SOURCES, describe, read_yaml, refusal
from tests.unit.project.wrong_descriptions import HIDDEN, WRONG
from tests.unit.sql_audit.macros import Macros, StoppedError


@pytest.mark.parametrize(("text", "place", "right"), WRONG, ids=[text for text, _, _ in WRONG])
def test_a_wrong_description_is_refused_by_its_place(text: str, place: str, right: str) -> None:
    """With what would be right there, and without what may be secret."""
    head, *lines, last = refusal(read_yaml(text)).split("\n")
    assert head == "the var policy_api does not describe an API. Nothing was sent."
    assert last == "How an API is described: docs/your_api.md"
    assert [line for line in lines if line.startswith(f"  {place}") and right in line], lines
    assert HIDDEN not in "\n".join(lines)


def test_every_problem_is_met() -> None:
    """Every text of a problem is said by some refusal."""
    others = [
        refusal({"create": {"body": {"a": "\ud800"}}}),
        refusal({"create": {"body": [0] * 2001}}),
        refusal({"secrets": {"a": "d.s.t"}}, policy_api_secret="d.s.u"),
        refusal({"headers": {"A": "b"}}, policy_api_secret="d.s.u"),
    ]
    said = "\n".join([*(refusal(read_yaml(text)) for text, _, _ in WRONG), *others])
    longest = {
        name: max(re.split("{[a-z_]+}", "".join(text)), key=len)
        for name, text in RENDERED._problem_texts().items()
    }
    assert [name for name, part in longest.items() if part not in said] == []


def test_secrets_stand_in_one_place() -> None:
    """The var policy_api_secret and `secrets` exclude each other, and neither is left unused."""
    described = {"secrets": {"a": "d.s.t"}, "headers": {"A": "{secret.a}"}}
    assert "Say it in one place" in refusal(described, policy_api_secret="d.s.u")
    said = refusal({"headers": {"A": "b"}}, policy_api_secret="d.s.u")
    assert "policy_api: the var policy_api_secret is set, and no header and no body uses it" in said
    used = {"headers": {"X": "{secret.policy_api_secret}"}}
    assert refusal(used, policy_api_secret="d.s.u") == ""
    body = {"headers": {}, "create": {"body": {"a": "{secret.policy_api_secret}"}}}
    assert refusal(body, policy_api_secret="d.s.u") == ""


def test_a_description_of_many_problems() -> None:
    """The first ten are said, and how many more there are."""
    said = refusal({f"k{number}": 1 for number in range(25)})
    assert said.count("there is no such key") == 10
    assert "  ... and 15 more\n" in said


@pytest.mark.parametrize("seed", ["x" * 100, {"x": "y"}], ids=["text", "object"])
def test_aliases_that_make_many_of_few(seed: Any) -> None:
    """Aliases can make 2 ** 45 values, or one that holds itself: not all are looked at."""
    value = seed
    for _ in range(45):
        value = [value, value]
    assert "Describe one API" in refusal({"create": {"body": value}})
    body: dict[str, Any] = {}
    body["self"] = body
    assert "over 20 levels deep" in refusal({"create": {"body": body}})


def test_every_command_checks_the_description() -> None:
    """The check of the settings is what refuses it, before anything is sent."""
    found = Macros(SOURCES, context={"var": lambda name, default=None: GIVEN.get(name, default)})
    describe({"creat": {}})
    with pytest.raises(StoppedError, match="Did you mean create"):
        found.retry_policy_workflow()
    assert found.sent == []
