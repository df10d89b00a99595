"""What must not be kept is not kept: by key, by value, in any form, at any place."""

from __future__ import annotations

import base64
import html
import json
import re
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import responses

from procedures.common.redaction import REDACTED, Redactor, names_secret, redact
from procedures.description.description import Endpoint
from procedures.domain.api_outcome import ApiOutcome
from procedures.http.answer_reading import AnswerReader, Meaning
from procedures.http.policy_api import PolicyApi
from procedures.http.transport import Answer
from tests.unit.procedures.builders import (
    BASE,
    make_api_with_secret,
    make_credentials,
    make_settings,
)
from tests.unit.procedures.http.wire import answer, wire

TOKEN = 'tk-"5f0c/1e2d+very=secret\\'


@pytest.mark.parametrize(
    "key",
    [
        "password", "PASSWORD", "db_password", "dbPassword", "password2", "password_hash", "pwd",
        "userPwd", "passwd", "passphrase", "jwt", "id_jwt", "token", "accessToken", "access_token",
        "X-Auth-Token", "csrfToken", "tokens", "api_key", "apiKey", "APIKEY", "X-API-Key",
        "x-amz-secret-access-key", "accessKey", "secretKey", "private_key", "privateKeyPem"[:10],
        "signing-key", "secret", "client_secret", "clientSecret", "secret_string", "secrets",
        "account_key", "csrf_token", "session_id", "license_key", "db_pass", "hmac",
        "Authorization", "proxy-authorization", "authorization_header", "cookie", "Set-Cookie",
        "cookies", "credential", "credentials", "creds", "bearer", "smtp_pass", "otp", "dsn",
        "connectionString",
    ],
)  # fmt: skip
def test_a_key_that_names_a_secret(key: str) -> None:
    """The value under a key that names a secret is replaced, however the key is spelled."""
    assert names_secret(key)
    assert redact({key: "v", "n": {key: ["v", 1, None, True, ""]}}) == {
        key: REDACTED,
        "n": {key: [REDACTED, REDACTED, None, True, ""]},
    }


@pytest.mark.parametrize(
    "key",
    [
        "tokenization", "tokenize", "cookie_retention_days", "cookieConsent", "password_policy",
        "passwordMinLength", "token_ttl_seconds", "token_url", "secretary", "secret_name",
        "max_tokens", "promptTokens", "credential_type", "api_key_rotation_days", "passport",
        "authorization_endpoint", "authorized", "author", "key", "keys", "bypass", "compass",
        "pass", "test_pass", "next_token", "nextPageToken", "continuationToken", "on_token_expiry",
        "cancellation_token", "number_of_secrets", "monkey", "broken", "", "_", "name",
        "sort_key", "primary_key",
    ],
)  # fmt: skip
def test_a_key_that_only_sounds_like_one(key: str) -> None:
    """A policy about secrets holds none, and is kept as it is."""
    assert not names_secret(key)
    assert redact({key: "v"}) == {key: "v"}


def _client(url: str = BASE, **changes: Any) -> PolicyApi:
    settings = make_settings(api=make_api_with_secret(base_url=url), **changes)
    return PolicyApi(settings, make_credentials(TOKEN))


def _kept(outcome: ApiOutcome) -> str:
    """All texts of an outcome, as they are, and as read back from JSON."""

    def texts(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [text for pair in value.items() for item in pair for text in texts(item)]
        if isinstance(value, list):
            return [text for item in value for text in texts(item)]
        return [str(value)]

    whole = "\n".join([outcome.message, outcome.url, *texts(outcome.response)])
    return whole + json.dumps(outcome.response) + str(outcome.policy_id)


def _forms() -> list[str]:
    return [TOKEN, json.dumps(TOKEN)[1:-1], quote(TOKEN, safe="")]


@pytest.mark.parametrize(
    "form",
    [
        "".join(f"\\u{ord(c):04x}" for c in TOKEN),
        "".join(f"&#{ord(c)};" for c in TOKEN),
        "".join(f"&#x{ord(c):X};" for c in TOKEN),
        "".join(f"%{ord(c):02x}" for c in TOKEN),
        "".join(f"%25{ord(c):02x}" for c in TOKEN),
        "".join(f"\\x{ord(c):02x}" for c in TOKEN),
        TOKEN[:9] + "\r\n " + TOKEN[9:],
        base64.b64encode(TOKEN.encode()).decode(),
        base64.b64encode(f"Bearer {TOKEN}".encode()).decode(),
        TOKEN.encode().hex(),
        json.dumps(json.dumps(TOKEN)),
        TOKEN.upper(),
    ],
)
@pytest.mark.parametrize("body", ['[{{"e": "{}"}}]', '{{"e": "{}"', "<p>{}", '{{"message": "{}"}}'])
def test_the_token_in_other_forms(form: str, body: str) -> None:
    """A token that comes back escaped or encoded is not kept either."""
    text = body.format(form)
    reader = AnswerReader(Endpoint("create", "POST", BASE), BASE, Redactor([TOKEN]))
    kept = _kept(reader.answered(Answer(401, text.encode()), Meaning(_never)))
    assert form not in kept
    assert json.dumps(form)[1:-1] not in kept
    assert TOKEN.lower() not in kept.lower()


def test_a_part_of_the_token_is_no_policy_id() -> None:
    """An id that is most of the token is refused: it would be stored, and put into addresses."""
    with responses.RequestsMock() as api:
        api.post(f"{BASE}/createpolicy", json={"policy_id": TOKEN[:-1]})
        assert _client().create_policy("e", {"a": 1}).error_class == "InvalidPolicyId"


def test_secrets_elsewhere_in_an_answer() -> None:
    """Nothing under a key that names a secret is shown in a message, nor kept of a long answer."""
    with responses.RequestsMock() as api:
        for body in (
            {"password": {"error": "hunter2"}},
            {"token": {"policy_id": "hunter2"}},
            {"error": {"headers": [{"name": "Authorization", "value": "hunter2"}]}},
            {"body": json.dumps({"password": "hunter2"})},
            {"policy_id": "p", "credentials": {"k": "hunter2"}, "x": "y" * 300_000},
        ):
            api.post(f"{BASE}/createpolicy", json=body)
            assert "hunter2" not in _kept(_client().create_policy("e", {"a": 1}))
            api.remove(responses.POST, f"{BASE}/createpolicy")


def _is_clean(outcome: ApiOutcome) -> None:
    kept = _kept(outcome)
    for form in (*_forms(), TOKEN[:12], TOKEN[-12:]):
        assert form not in kept
        assert form.lower() not in kept.lower()


@pytest.mark.slow
@pytest.mark.parametrize("body", ["{text}", '{{"echo": "{text}"}}', '{{"echo": "{text}"'])
@pytest.mark.parametrize("form", range(3))
def test_the_token_at_every_position(body: str, form: int) -> None:
    """No part of the token stays where a body is cut, parsed or not."""
    token = _forms()[form]
    reader = AnswerReader(Endpoint("create", "POST", BASE), BASE, Redactor([TOKEN]))
    for position in range(3001):
        text = body.format(text="x" * position + token + "y" * 30)
        _is_clean(reader.answered(Answer(400, text.encode()), Meaning(_never)))


def _never(*_: Any) -> Any:
    raise AssertionError


def test_the_token_broken_off() -> None:
    """Where a body ends in the middle of the token, its beginning is not kept either."""
    for length in range(6, len(TOKEN)):
        body = f'{{"echo": "{TOKEN[:length]}'

        def script(connection: Any, *_: Any, body: str = body) -> None:
            connection.sendall(answer(body, "400 Bad Request", length=5000))
            connection.shutdown(socket.SHUT_WR)

        with wire(script) as server:
            outcome = _client(server.url).create_policy("e", {"a": 1})
        assert TOKEN[:length] not in _kept(outcome)


@pytest.mark.parametrize("place", ["Location", "Retry-After", "Content-Type", "X-Other"])
@pytest.mark.parametrize("status", ["301 Moved", "429 Slow", "200 OK", "503 No"])
def test_the_token_in_a_header(place: str, status: str) -> None:
    """No header of an answer carries the token into what is kept."""
    value = f"https://{quote(TOKEN)}.example.com/{TOKEN}" if place == "Location" else TOKEN

    def script(connection: Any, *_: Any) -> None:
        connection.sendall(answer(f"<p>{TOKEN}", status, f"{place}: {value}"))

    with wire(script) as server:
        _is_clean(_client(server.url).create_policy("e", {"a": 1}))


@pytest.mark.parametrize("line", ["HTTP/1.1 500 {}", "HTTP/1.1 {}", "{}", "HTTP/{} 200 OK"])
def test_the_token_in_a_status_line(line: str) -> None:
    """A broken status line is shown without the token."""

    def script(connection: Any, *_: Any) -> None:
        connection.sendall(line.format(TOKEN).encode() + b"\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)

    with wire(script) as server:
        _is_clean(_client(server.url).create_policy("e", {"a": 1}))


@pytest.mark.parametrize(
    "body",
    [
        {"policy_id": TOKEN},
        {"policy_id": f"p-{TOKEN}"},
        {"errors": [TOKEN]},
        {"status": TOKEN},
        {"status": "failed", TOKEN: TOKEN},
        {"id": {"token": "another-secret-1"}},
        {"policy_id": {"password": "another-secret-1"}},
        {"error": {"api_key": "another-secret-1"}},
    ],
)
def test_the_token_in_what_is_read(body: dict[str, Any]) -> None:
    """A secret becomes no policy_id and stands in no message."""
    with responses.RequestsMock() as api:
        api.post(f"{BASE}/createpolicy", json=body)
        api.get(f"{BASE}/policy/p", json=body)
        api.post(f"{BASE}/circuit", json=body)
        client = _client()
        for outcome in (
            client.create_policy("e", {"a": 1}),
            client.poll_policy_status("p"),
            client.trigger_circuit_breaker("e", "p", "x"),
        ):
            _is_clean(outcome)
            assert "another-secret" not in _kept(outcome)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"password": "hunter2", "n": 1', '{"password": [redacted], "n": 1'),
        ("{'api_key': 'hunter2', 'n': 1", "{'api_key': [redacted], 'n': 1"),
        ("password=hunter2&n=1", "password=[redacted]&n=1"),
        ("login failed: password=hunter2", "login failed: password=[redacted]"),
        ("GET https://x/?token=hunter2 failed", "GET https://x/?token=[redacted] failed"),
        ("url=https://x/#access_token=hunter2&a=1", "url=https://x/#access_token=[redacted]&a=1"),
        ('cmd="--password=hunter2"', 'cmd="--password=[redacted]"'),
        ("args: [password=hunter2]", "args: [password=[redacted]]"),
        ("note: total=3", "note: total=3"),
        ('{"token": 123, "tokenization": "on"', '{"token": [redacted], "tokenization": "on"'),
        ('{"password": "hun\\"ter2', '{"password": [redacted]'),
        ('{"password": ["hunter2"], "n": 1', '{"password": [redacted], "n": 1'),
        ('{"secret": {"k": "hunter2"}', '{"secret": [redacted]'),
        ("Authorization: Bearer hunter2", "Authorization: [redacted]"),
        ("<password>hunter2</password>", "<password>[redacted]</password>"),
        ("https://user:hunter2@host/x", "https://user:[redacted]@host/x"),
    ],
)
def test_a_secret_in_what_is_no_json(text: str, kept: str) -> None:
    """A body that cannot be parsed is redacted by key all the same."""
    assert Redactor().broken_text(text) == kept


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_token_inside_a_longer_text_in_base64(
    before: int, encode: Callable[[bytes], bytes]
) -> None:
    """A request that comes back in base64 holds the token at any position."""
    inside = encode(b"x" * before + f'"{TOKEN}"'.encode() + b"y" * 5).decode()
    kept = Redactor([TOKEN]).text(f"raw: {inside}")
    assert kept == REDACTED or REDACTED in kept
    readable = re.findall("[A-Za-z0-9+/_-]{4,}", kept.replace("redacted", ""))
    for text in readable:
        for skipped in range(4):
            part = text[skipped:]
            decoded = base64.b64decode(part[: len(part) // 4 * 4], altchars=b"-_")
            assert TOKEN.encode()[2:-2] not in decoded


def test_a_token_that_comes_back_as_a_number() -> None:
    """A token of digits is a number in an answer of some APIs."""
    kept = Redactor(["739154826013"]).value({"id": 739154826013, "n": 7, "f": 0.5, "on": True})
    assert kept == {"id": REDACTED, "n": 7, "f": 0.5, "on": True}


def _in_base64(before: int, *, of_urls: bool) -> Callable[[str], str]:
    encode = base64.urlsafe_b64encode if of_urls else base64.b64encode
    return lambda text: encode(b"x" * before + text.encode() + b"y").decode()


def _with_small_hex(text: str) -> str:
    return re.sub("%..", lambda found: found[0].lower(), quote(text, safe=""))


LAYERS: dict[str, Callable[[str], str]] = {
    "json": json.dumps,
    "json of PHP": lambda text: json.dumps(text).replace("/", "\\/"),
    "json of Go": lambda text: json.dumps(text).replace("&", "\\u0026").replace("<", "\\u003c"),
    "url": lambda text: quote(text, safe=""),
    "path": quote,
    "form": quote_plus,
    "url in small letters": _with_small_hex,
    "html": html.escape,
    "html without quotes": lambda text: html.escape(text, quote=False),
    "base64": _in_base64(0, of_urls=False),
    "base64, 1 on": _in_base64(1, of_urls=False),
    "base64, 2 on": _in_base64(2, of_urls=True),
    "base64 of lines": lambda text: base64.encodebytes(text.encode()).decode(),
}
SECRETS = [
    TOKEN,
    "sk_live_4eC39HqLyjWDarjtT1",
    "tok/ab+cd/ef12==",
    'Pp"q\\w/12345 &<b> zzW',
    "-----BEGIN KEY-----\nMIIEvAIBADAN\nBgkqhkiG9w0BAQ\n-----END KEY-----",
    r"50%41\n\u0041&amp;no more",
    "P\u00fcnicode12345\u00fc",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("outer", LAYERS)
def test_a_secret_in_two_layers(secret: str, outer: str) -> None:
    """A dump of a request encodes what is encoded already: no 12 characters of that are kept."""
    redactor = Redactor(["another-secret", secret])
    for inner in LAYERS.values():
        dump = LAYERS[outer](inner(secret))
        kept = redactor.value({"echo": [f"raw: {dump} ...", "untouched"]})
        assert kept["echo"][1] == "untouched"
        for begin in range(len(dump) - 11):
            assert dump[begin : begin + 12] not in kept["echo"][0]


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(b"nothing in this text is a secret, and it is long").decode(),
        base64.b64encode(bytes(range(256)) * 20).decode(),
        "7f1c1a8e-2f0b-4f0e-9c55-0d9a4c2b8e11/0b9c1a8e-2f0b-4f0e-9c55-0d9a4c2b8e11",
        r"50% of C:\new &amp; \u0041 + %20%2520 \\n",
        "tok/ab+cd/ef12",
    ],
)
def test_what_only_looks_encoded(text: str) -> None:
    """A text in which no secret stands is kept to the letter."""
    assert Redactor(SECRETS, prose=False).value({text: [text]}) == {text: [text]}


def test_a_secret_that_is_too_short() -> None:
    """A made-up password such as `X` takes no letters from an answer; four characters are kept."""
    value = {"id": "pol-X", "note": "fox k9Q7"}
    assert Redactor(["X", "k9Q"]).value(value) == value
    assert Redactor(["k9Q7"]).value(value) == {"id": "pol-X", "note": f"fox {REDACTED}"}
