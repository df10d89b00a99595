"""What is read of a SECRET, what of it is secret, and which SECRET cannot be used."""

from __future__ import annotations

import base64
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from procedures.description.description import read_description
from procedures.http.credentials import Credentials, read_credentials, secret_problem
from tests.unit.procedures.builders import make_api


def _snowflake(monkeypatch: pytest.MonkeyPatch, **module: Any) -> None:
    monkeypatch.setitem(sys.modules, "_snowflake", SimpleNamespace(**module))


def _pair(monkeypatch: pytest.MonkeyPatch, username: str | None, password: str | None) -> None:
    pair = SimpleNamespace(username=username, password=password)
    _snowflake(monkeypatch, get_username_password=lambda _: pair)


def _api(header: str, body: str = "x", kind: str = "generic_string") -> dict[str, Any]:
    return make_api(secrets={"k": kind}, headers={"X-Key": header}, create={"body": {"b": body}})


def _read(header: str, kind: str) -> Credentials:
    return read_credentials(read_description(_api(header, kind=kind)))


@pytest.mark.parametrize(
    "username",
    [
        "sk_live_4eC39HqLyjWDarjtT1",
        "AC0123456789abcdef0123456789abcdef",
        "7f1c1a8e-2f0b-4f0e-9c55-0d9a4c2b8e11",
        "aB3dE6gH9jK2",
    ],
)
def test_a_user_name_that_is_a_key(monkeypatch: pytest.MonkeyPatch, username: str) -> None:
    """A long name with a digit before a letter is a secret, as some APIs take the key there."""
    _pair(monkeypatch, username, "")
    assert username in _read("Basic {secret.k}", "password").secrets


@pytest.mark.parametrize(
    "username",
    [
        "admin",
        "svc",
        "user1a",
        "service_account_policy_runner",
        "policy_service_01",
        "ann.miller2nd@example.com",
        "Second 2nd Account",
        "123456789012",
    ],
)
def test_a_user_name_that_is_a_name(monkeypatch: pytest.MonkeyPatch, username: str) -> None:
    """An ordinary name is none, or its redaction would take words of every answer."""
    _pair(monkeypatch, username, "the-password")
    token = base64.b64encode(f"{username}:the-password".encode()).decode()
    assert _read("Basic {secret.k}", "password").secrets == (token, "the-password")


@pytest.mark.parametrize(
    ("username", "password", "sent"),
    [
        ("ann\n", "pass word \r\n", "ann:pass word "),
        ("key-1", "", "key-1:"),
        ("", "token-1", ":token-1"),
        ("key-1", None, "key-1:"),
    ],
)
def test_what_is_sent_of_a_password(
    monkeypatch: pytest.MonkeyPatch, username: str, password: str | None, sent: str
) -> None:
    """A line break at an end is left out, a blank is not; one of the two may be empty."""
    _pair(monkeypatch, username, password)
    texts = _read("Basic {secret.k}", "password").texts
    assert base64.b64decode(texts["secret.k"]).decode() == sent
    assert f"{texts['secret.k.username']}:{texts['secret.k.password']}" == sent


@pytest.mark.parametrize(
    ("token", "problem"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        (None, "is empty"),
        ("tok-1\nX-Evil: 2", "holds a line break or a control character"),
        ("tok-1\x01", "holds a line break or a control character"),
        ("t\u00f6k-1", "holds a character that is not ASCII"),
    ],
)
def test_a_token_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, token: str | None, problem: str
) -> None:
    """The answer names the secret and what is wrong, without a word of the value."""
    _snowflake(monkeypatch, get_generic_secret_string=lambda _: token)
    found = secret_problem(_api("{secret.k}"))["secret_problem"]
    assert found["problem"].startswith(problem)
    assert (found["alias"], found["type"]) == ("k", None)
    assert "tok-1" not in str(found)


def test_a_token_that_only_a_body_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body carries line breaks and all characters, so nothing is wrong with them there."""
    _snowflake(monkeypatch, get_generic_secret_string=lambda _: "t\u00f6k\n1")
    assert secret_problem(_api("x", "{secret.k}")) == {}


@pytest.mark.parametrize(
    ("header", "body", "problem"),
    [
        ("{secret.k}", "x", "is empty"),
        ("{secret.k.username}", "x", "is empty (its username)"),
        ("x", "{secret.k.password}", "is empty (its password)"),
    ],
)
def test_a_pair_of_which_nothing_is_there(
    monkeypatch: pytest.MonkeyPatch, header: str, body: str, problem: str
) -> None:
    """An empty part is wrong where the description names the part."""
    _pair(monkeypatch, "", "")
    assert secret_problem(_api(header, body, "password"))["secret_problem"]["problem"] == problem


def test_a_secret_of_another_type(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever Snowflake raises, the answer says which type the secret has, if Snowflake does."""

    def refuse(_: str) -> str:
        raise RuntimeError("no such thing as value-1")

    _snowflake(monkeypatch, get_generic_secret_string=refuse, get_secret_type=lambda _: "PASSWORD")
    found = secret_problem(_api("{secret.k}"))["secret_problem"]
    assert found["problem"] == "is of type password, and the settings say generic_string"
    assert found["type"] == "password"
    _snowflake(monkeypatch, get_generic_secret_string=refuse, get_secret_type=refuse)
    found = secret_problem(_api("{secret.k}"))["secret_problem"]
    assert found["problem"] == "cannot be read as type generic_string (RuntimeError)"
    assert found["type"] is None
