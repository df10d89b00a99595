"""Redaction: removes values under keys that name secrets, and our own token wherever it stands.

A text from elsewhere is redacted whole, and cut afterwards: half of a token is a leak, too.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from procedures.common.remembered import remembered

REDACTED = "[redacted]"
# The shortest beginning of a token that is looked for at the end of a text that broke off.
SHORTEST_BEGINNING = 6
# A shorter text protects nothing, and its redaction would take words of every answer.
SHORTEST_SECRET = 4
# The shortest secret, in bytes, that is looked for inside a longer text in base64.
SHORTEST_INSIDE = 6
# How many times a text is decoded: a request that is shown in a dump has two layers.
MOST_LAYERS = 4
BASE64_LAYERS = 2
# A key before its value in broken JSON, in a form, in a query or in a header.
_NAMED_KEY = re.compile(r"""(?<![\w-])(["']?)([\w-]{1,100})\1\s*[:=]\s*""")
_VALUE_OF_KEY = re.compile(
    r""""(?:[^"\\]+|\\.)*"?|'[^']*'?|[\[{][^\]}]*[\]}]?"""
    r"""|(?:(?:bearer|basic|token)\s+)?[^\s,;&"'{}\[\]<>]+""",
    re.IGNORECASE,
)
_TAG = re.compile(r"(?P<begin><(?P<key>[\w:-]{1,100})[^<>]{0,200}>)[^<]+")
_USER = re.compile(r"(://[^\s/:@]{1,200}:)[^\s/@]{1,200}@")
# A text without any of these words holds no key that names a secret.
_MAY_NAME_ONE = re.compile(
    r"pass|pwd|secret|token|jwt|key|credential|creds|cookie|auth|bearer|otp|://", re.IGNORECASE
)
_ESCAPED = re.compile(r"""\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([bfnrt])|(["'\\/]))""")
_MARKS = ("&", "%", "\\")
_STANDARD_BASE64 = str.maketrans("-_", "+/")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Endings of keys that name secrets, without the marks between words: client_secret, X-API-Key.
_SECRETS = (
    "password", "passwords", "passwd", "passphrase", "passcode", "pwd", "secret", "secrets",
    "token", "tokens", "jwt", "apikey", "apikeys", "accesskey", "secretkey", "privatekey",
    "encryptionkey", "signingkey", "sharedkey", "authkey", "masterkey", "sshkey", "accountkey",
    "storagekey", "appkey", "licensekey", "consumerkey", "csrf", "pswd", "passwort",
    "clientassertion", "sessionid", "privatepem",
    "authorization", "bearer", "credential", "credentials", "creds", "cookie", "cookies",
)  # fmt: skip
_WHOLE_WORDS = {"otp", "totp", "cvv", "cvc", "hmac", "pw", "dsn"}
# `pass` names a secret only after one of these words: smtp_pass does, test_pass does not.
_OF_PASS = {"smtp", "db", "database", "user", "mail", "proxy", "ftp", "admin", "root"}
# Words that may follow the name of a secret: secret_string, password_hash.
_FOLLOWING = {
    "value", "values", "text", "string", "str", "hash", "hashed", "digest", "plain", "plaintext",
    "raw", "encoded", "base", "hex", "header", "data", "old", "new", "current", "previous",
    "confirm", "confirmation", "repeat",
}  # fmt: skip
# Words that make `tokens` a number: max_tokens, promptTokens.
_QUANTITIES = {
    "max", "min", "num", "number", "total", "count", "prompt", "completion", "input", "output",
    "used", "remaining", "per",
}  # fmt: skip
# Words that make `token` a place to go on from: next_page_token, cancellationToken.
_PLACES = {"next", "page", "continuation", "sync", "cancellation", "cursor", "pagination", "resume"}


@remembered
def names_secret(key: str) -> bool:
    """Whether a key names a secret: `client_secret` does, `tokenization` does not."""
    words = [word.lower() for word in _WORD.findall(key)]
    if "".join(words).endswith("connectionstring"):
        return True
    while len(words) > 1 and words[-1] in _FOLLOWING:
        words.pop()
    if not words:
        return False
    before = set(words[:-1])
    if words[-1] in {"token", "tokens", "secrets"} and before & (_QUANTITIES | _PLACES):
        return False
    if words[-1] == "pass":
        return bool(before & _OF_PASS)
    return words[-1] in _WHOLE_WORDS or "".join(words).endswith(_SECRETS)


class Redactor:
    """Redacts by key and by value.

    Args:
        secrets: texts that must not be kept, in any encoding.
        prose: whether texts may hold secrets as `password=...`, as an API's answers may.

    """

    def __init__(self, secrets: Iterable[str] = (), *, prose: bool = True) -> None:
        self._secrets = tuple(secret for secret in secrets if len(secret) >= SHORTEST_SECRET)
        self._prose = prose
        forms = {form for secret in self._secrets for form in _forms(secret)}
        longest_first = sorted(forms, key=len, reverse=True)
        self._found = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
        self._lowered = [form.lower() for form in longest_first]
        # How the forms look in a text that is decoded and made plain.
        self._plain = {form for secret in self._secrets for form in _plain_forms(secret)}
        in_bytes = [data for text in self._secrets if len(data := text.encode()) >= SHORTEST_INSIDE]
        self._base64: re.Pattern[str] | None = None
        if in_bytes:
            least = min(map(len, in_bytes))
            self._base64 = re.compile(f"[A-Za-z0-9+/_-]{{{least * 4 // 3},}}")
            # Bytes that cannot be a secret are left out: most of what is decoded is no text.
            others = re.escape(bytes({byte for data in in_bytes for byte in data}))
            self._legible = re.compile(b"[\\t\\n\\r -~%b]{%d,}" % (others, least))
        # Redacts what holds none of the secrets: by key only.
        self._by_key = Redactor(prose=prose) if self._secrets else self

    def text(self, text: str) -> str:
        """Replace the secrets in a text, or all of the text where a secret is encoded otherwise."""
        if self._holds_one(text):
            text = self._found.sub(REDACTED, text)
            if self._base64:
                text = self._base64.sub(self._without_base64, text)
            if self._holds_one(text):
                return REDACTED
        if self._prose and _MAY_NAME_ONE.search(text):
            text = _USER.sub(rf"\1{REDACTED}@", _TAG.sub(_without_content, text))
            text = _without_values(text)
        return text

    def broken_text(self, text: str) -> str:
        """Redact a text that may have broken off in the middle of a secret."""
        whole = self.text(text)
        for secret in self._secrets:
            reach = 6 * len(secret) + 20
            begun = whole.lower().rfind(
                secret[:SHORTEST_BEGINNING].lower(), max(0, len(whole) - reach)
            )
            if begun >= 0:
                whole = whole[:begun] + REDACTED
        return whole

    def holds_part(self, text: str) -> bool:
        """Whether a text holds a secret, or is a part of one that is too long to be an accident."""
        return self.text(text) != text or any(
            len(text) > SHORTEST_BEGINNING and text in secret for secret in self._secrets
        )

    def _holds_one(self, text: str) -> bool:
        """Whether a text holds a secret, as it is or in up to two layers of encodings."""
        if not self._secrets:
            return False
        lowered = text.lower()
        return any(form in lowered for form in self._lowered) or self._holds_encoded(text)

    def _holds_encoded(self, text: str, layers: int = BASE64_LAYERS) -> bool:
        """Whether a text holds a secret after escapes, and then layers of base64, are undone."""
        read = "".join(_unencoded(text).split())
        plain = _made_plain(read)
        if any(form in plain for form in self._plain):
            return True
        if not (layers and self._base64):
            return False
        parts = [part for run in self._base64.findall(read) for part in self._from_base64(run)]
        return bool(parts) and self._holds_encoded("\n".join(parts), layers - 1)

    def _from_base64(self, run: str) -> Iterator[str]:
        """The legible parts of what a text in base64 stands for, wherever its base64 begins."""
        run = run.translate(_STANDARD_BASE64)
        for begin in range(4):
            whole = run[begin:] + "A" * (-(len(run) - begin) % 4)
            for part in self._legible.findall(binascii.a2b_base64(whole)):
                yield part.decode("utf-8", "ignore")

    def _without_base64(self, run: re.Match[str]) -> str:
        return REDACTED if self._holds_encoded(run[0]) else run[0]

    def value(self, value: Any, *, named_secret: bool = False) -> Any:
        """Replace the values under keys that name secrets, and the secrets wherever they stand.

        Args:
            value: JSON from elsewhere.
            named_secret: whether a key above names a secret: then each text and number is replaced.

        """
        # One look at all texts is much cheaper than a look at each.
        is_clean = not (self._secrets and self._holds_one("\n".join(_texts_in(value))))
        return (self._by_key if is_clean else self)._value(value, named_secret)

    def _value(self, value: Any, named_secret: bool) -> Any:
        if isinstance(value, dict):
            # A header may come as {"name": "Authorization", "value": ...}.
            named = any(
                isinstance(value.get(name), str) and names_secret(value[name])
                for name in ("name", "key", "header")
            )
            if named and "value" in value:
                value = {**value, "value": REDACTED}
            return {
                self.text(key): self._value(item, named_secret or names_secret(key))
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self._value(item, named_secret) for item in value]
        if named_secret and not isinstance(value, bool | None) and value != "":
            return REDACTED
        if isinstance(value, int | float) and not isinstance(value, bool):
            return REDACTED if self._holds_one(str(value)) else value
        return self.text(value) if isinstance(value, str) else value


def _without_values(text: str) -> str:
    """Replace the values of keys that name secrets, also inside the value of another key."""
    parts, done, at = [], 0, 0
    while key := _NAMED_KEY.search(text, at):
        at = key.end()
        value = _VALUE_OF_KEY.match(text, at) if names_secret(key[2]) else None
        if value:
            parts += [text[done:at], REDACTED]
            done = at = value.end()
    return "".join([*parts, text[done:]])


def _without_content(tag: re.Match[str]) -> str:
    return f"{tag['begin']}{REDACTED}" if names_secret(tag["key"]) else tag[0]


def redact(value: Any) -> Any:
    """Replace the values under keys that name secrets, as in a policy."""
    return Redactor(prose=False).value(value)


def _texts_in(value: Any) -> Iterator[str]:
    """All keys, texts and numbers of a JSON value, as texts."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts_in(item)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def _unencoded(text: str) -> str:
    """Decode a text as its readers would: escapes of JSON, HTML and URLs are undone."""
    for _ in range(MOST_LAYERS):
        if not any(mark in text for mark in _MARKS):
            break
        read = unquote(html.unescape(_ESCAPED.sub(_unescaped, text)))
        if read == text:
            break
        text = read
    return text


def _unescaped(escape: re.Match[str]) -> str:
    if escape[3]:
        return " "
    return escape[4] or chr(int(escape[1] or escape[2], 16))


def _made_plain(text: str) -> str:
    """Leave out what a layer of encoding adds or changes: a blank of a form, and a backslash."""
    return text.replace("+", "").replace("\\", "").lower()


def _plain_forms(secret: str) -> set[str]:
    """What a secret, and its bytes in hex, look like in a text that is decoded and made plain."""
    plain = _made_plain("".join(_unencoded(secret).split()))
    return {plain if len(plain) >= SHORTEST_INSIDE else secret.lower(), secret.encode().hex()}


def _forms(secret: str) -> set[str]:
    """The forms in which a secret is replaced in its place: in JSON, a URL, HTML, hex or base64."""
    in_json = json.dumps(secret)[1:-1]
    data = [text.encode() for text in (secret, f"Bearer {secret}", f"Basic {secret}")]
    forms = {
        secret,
        in_json,
        json.dumps(secret, ensure_ascii=False)[1:-1],
        in_json.replace("/", "\\/"),
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        html.escape(secret),
        secret.encode().hex(),
    }
    if len(data[0]) < SHORTEST_INSIDE:
        forms |= {base64.b64encode(part).decode().rstrip("=") for part in data}
        forms |= {base64.urlsafe_b64encode(part).decode().rstrip("=") for part in data}
    return forms
