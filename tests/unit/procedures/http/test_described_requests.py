"""What is sent to a described API: headers of one endpoint, and bodies that are forms."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest
import responses
from requests import PreparedRequest

from procedures.description.description import read_description
from procedures.http.credentials import Credentials, read_credentials
from procedures.http.policy_api import PolicyApi
from tests.unit.procedures.builders import BASE, make_api, make_settings

FORM = "application/x-www-form-urlencoded"
EVENTS = "https://events.example.com"
SECRET = "k/e y+1=&"
SECRETS = Credentials({"secret.k": SECRET, "secret.e": "event-secret"}, (SECRET, "event-secret"))


def _api(**described: Any) -> PolicyApi:
    api = make_api(**described)
    return PolicyApi(make_settings(api=api), SECRETS)


def _own_headers(sent: PreparedRequest) -> dict[str, Any]:
    ours = {"user-agent", "accept-encoding", "connection", "content-length"}
    return {name: text for name, text in sent.headers.items() if name.lower() not in ours}


def test_each_endpoint_sends_its_own_headers() -> None:
    """A secret that an endpoint takes out of its headers does not leave for its host."""
    api = _api(
        headers={"Accept": "application/json", "X-Api-Key": "{secret.k}"},
        trigger={
            "url": f"{EVENTS}/trip",
            "headers": {"Accept": "application/json", "X-Events": "{secret.e}"},
        },
    )
    with responses.RequestsMock() as mocked:
        mocked.post(f"{BASE}/createpolicy", json={"policy_id": "7"})
        mocked.get(f"{BASE}/policy/7", json={"status": "ready"})
        mocked.post(f"{EVENTS}/trip", json={"status": "ok"})
        mocked.get(f"{EVENTS}/", json={})
        api.create_policy("e", "{}")
        api.poll_policy_status("7")
        assert api.trigger_circuit_breaker("e", "7", "x").kind == "triggered"
        api.send(api.probing(f"{EVENTS}/"))
        create, poll, trigger, probe = [_own_headers(call.request) for call in mocked.calls]
    assert create["X-Api-Key"] == poll["X-Api-Key"] == SECRET
    assert trigger == {
        "Accept": "application/json",
        "X-Events": "event-secret",
        "Idempotency-Key": "e:trigger_circuit_breaker",
        "Content-Type": "application/json",
    }
    assert probe == {"Accept": "application/json", "X-Events": "event-secret"}


@pytest.mark.parametrize("step", ["create", "poll", "trigger"])
def test_a_secret_that_no_header_can_carry(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The headers of each endpoint are looked at before anything is sent."""
    snowflake = SimpleNamespace(get_generic_secret_string=lambda _: "k\u00e9y")
    monkeypatch.setitem(sys.modules, "_snowflake", snowflake)
    own: dict[str, Any] = {step: {"headers": {"X-Api-Key": "{secret.k}"}}}
    with pytest.raises(ValueError, match="secret k holds a character that is not ASCII"):
        read_credentials(read_description(make_api(secrets={"k": "generic_string"}, **own)))


def _form(body: Any, **more: Any) -> dict[str, Any]:
    return {
        "body": body,
        "headers": {"content-type": f"{FORM}; charset=utf-8"},
        "key": None,
        **more,
    }


def test_a_form_is_sent_as_its_content_type_says() -> None:
    """Soda and others want a form; the key of the request is a field of the form."""
    body = {"definition": "{policy.name}", "tag": ["a b", "c"], "key": "{secret.k}"}
    api = _api(create=_form(body, key={"body": "/request_id"}))
    with responses.RequestsMock() as mocked:
        mocked.post(f"{BASE}/createpolicy", json={"policy_id": "7"})
        assert api.create_policy("e", '{"name": "x&y"}').kind == "created"
        sent = mocked.calls[0].request
    assert sent.body == (
        b"definition=x%26y&tag=a+b&tag=c&key=k%2Fe+y%2B1%3D%26&request_id=e%3Acreate_policy"
    )
    assert sent.headers["Content-Type"] == f"{FORM}; charset=utf-8"


def test_a_form_that_cannot_be_made_is_not_sent() -> None:
    """A policy whose field is no plain value is an error of this policy alone."""
    with responses.RequestsMock():
        outcome = _api(create=_form({"a": "{policy.a}"})).create_policy("e", '{"a": {"b": 1}}')
    assert (outcome.kind, outcome.error_class) == ("rejected", "PlaceholderMissing")
    assert (outcome.requests_sent, "a is an object" in outcome.message) == (0, True)


@pytest.mark.parametrize(
    "echo",
    [
        "key=k%2Fe+y%2B1%3D%26&a=b",
        "key=k%2fe%20y%2b1%3d%26",
        '{"form": "key=k%2Fe+y%2B1%3D%26"}',
        "k%252Fe%2By%252B1%253D%2526",
    ],
)
def test_a_secret_of_a_form_is_redacted_as_the_form_has_it(echo: str) -> None:
    """An API that repeats the form in its answer gives no secret away."""
    with responses.RequestsMock() as mocked:
        mocked.post(f"{BASE}/createpolicy", status=400, body=f"bad form {echo}")
        mocked.post(f"{BASE}/createpolicy", status=400, json={"you_sent": echo})
        api = _api(create=_form({"key": "{secret.k}"}))
        for _ in range(2):
            kept = str(api.create_policy("e", "{}"))
            assert echo not in kept
            assert "k%2" not in kept
