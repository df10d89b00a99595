{#- Generated from procedures/ by `make bundle`; do not edit. -#}
{% macro _procedure_body(settings_json) -%}
{% raw %}import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar
import os
import signal
import time
from pathlib import Path
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar
from dataclasses import dataclass, fields
from typing import Any
import re
import base64
import binascii
import html
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus, unquote
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import quote, unquote, urlencode
import hashlib
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit
from dataclasses import dataclass
import threading
from collections.abc import Callable, Collection
from collections.abc import Sequence
import uuid
from dataclasses import dataclass, replace
from typing import Any, Self
from collections.abc import Iterable, Mapping
from itertools import groupby
from decimal import Decimal
from typing import Any, NamedTuple
from collections import Counter
from collections.abc import Collection, Sequence
from collections.abc import Iterable
from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl, unquote, urlsplit
from collections.abc import Callable, Iterable
from collections.abc import Callable, Mapping
import random
from functools import partial
from snowflake.snowpark import Session
from snowflake.snowpark.exceptions import SnowparkSQLException
from collections.abc import Iterator
from snowflake.snowpark.types import DataType, MapType, StringType, VariantType
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
import http.client
import io
import ssl
import zlib
from contextlib import suppress
from contextvars import ContextVar
import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, extract_zipped_paths
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context
from urllib3.util.timeout import Timeout
from collections.abc import Collection
from datetime import UTC
from email.utils import parsedate_to_datetime
import errno
import socket
import copy
from dataclasses import dataclass, field, replace
from dataclasses import replace
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Collection, Iterable, Mapping
import platform
import urllib3


# --- common/bound_json.py
# A statement with all that it binds stays under 1 MB (docs/snowflake_facts.md#sizes).
BOUND_BYTES = 800_000

Item = TypeVar("Item")


def parts(
    items: Iterable[Item], row: Callable[[Item], Any] = lambda item: item
) -> Iterator[list[Item]]:
    """Cut a list into parts whose JSON fits into one statement; each part has at least one item."""
    part: list[Item] = []
    size = 0
    for item in items:
        length = len(to_json(row(item)).encode())
        if part and size + length > BOUND_BYTES:
            yield part
            part, size = [], 0
        part.append(item)
        size += length
    if part:
        yield part


def to_json(value: Any) -> str:
    """Write JSON in one line, without NaN."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def parsed(text: str | None) -> Any:
    """Parse JSON that Snowflake wrote; None stays None.

    Snowflake writes 15 decimals of a double. It rounds the largest doubles up, so that their text
    is larger than any double; such a text is read as the largest double.
    """
    return None if text is None else json.loads(text, parse_float=_double)


def _double(text: str) -> float:
    value = float(text)
    return math.copysign(sys.float_info.max, value) if math.isinf(value) else value


# --- common/failpoints.py
FOLDER_VARIABLE = "POLICY_WORKFLOW_FAILPOINTS"
WAIT_SECONDS = 60.0

FAILPOINTS = (
    "before_claim",
    "in_claim",
    "after_claim",
    *(
        f"{moment}_{what}_of_{event}"
        for event in ("create_policy", "poll_policy_status", "trigger_circuit_breaker")
        for moment, what in (
            ("before", "request"),
            ("after", "request"),
            ("before", "write"),
            ("in", "write"),
            ("after", "write"),
        )
    ),
    "before_write_of_circuit_breaker_initiated",
    "in_write_of_circuit_breaker_initiated",
    "after_write_of_circuit_breaker_initiated",
)

# Passed only where the description of the API makes them necessary.
FAILPOINTS_WITHOUT_KEYS = (
    "before_write_of_create_initiated",
    "in_write_of_create_initiated",
    "after_write_of_create_initiated",
    "before_request_of_find_policy",
    "after_request_of_find_policy",
    "before_write_of_policy_adopted",
    "in_write_of_policy_adopted",
    "after_write_of_policy_adopted",
)


def reached(point: str) -> None:
    """Do once what the file of this name in the folder says: 'raise', 'kill' or 'wait'.

    The file is first renamed to `<point>.reached`. 'wait' ends when a file `<point>.go` appears.

    Raises:
        RuntimeError: when the file says 'raise'.

    """
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        return
    order = Path(folder) / point
    done = order.with_name(f"{point}.reached")
    try:
        order.rename(done)
    except FileNotFoundError:
        return
    what = done.read_text(encoding="utf-8").strip()
    if what == "raise":
        raise RuntimeError(f"ordered at failpoint {point}")
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    limit = time.monotonic() + WAIT_SECONDS
    while not order.with_name(f"{point}.go").exists() and time.monotonic() < limit:
        time.sleep(0.02)


# --- common/printable.py
def printable(text: str, most: int | None = None) -> str:
    """Escape invisible characters as JSON does, and cut the text to at most `most` characters."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    return text if most is None or len(text) <= most else f"{text[: most - 1]}…"


# --- common/remembered.py
# The memory is bounded, whatever keys an API sends.
REMEMBERED_KEYS = 1024
LONGEST_REMEMBERED_KEY = 100

Found = TypeVar("Found")


def remembered(find_out: Callable[[str], Found]) -> Callable[[str], Found]:
    """Let a function of a key alone run once for each of the last short keys."""
    kept = lru_cache(maxsize=REMEMBERED_KEYS)(find_out)

    @wraps(find_out)
    def of_key(key: str) -> Found:
        return kept(key) if len(key) <= LONGEST_REMEMBERED_KEY else find_out(key)

    return of_key


# --- common/settings.py
# The registration replaces this text with the project's vars, as JSON.
POLICY_WORKFLOW_SETTINGS = {% endraw %}{{ tojson(settings_json) }}{% raw %}


@dataclass(frozen=True)
class Settings:
    """The settings baked into the procedure's body.

    A caller that may only CALL the procedure cannot change them, so no caller can send the owner's
    token to another address. Times are in seconds unless the name says otherwise. `api` describes
    the requests to the API (see description).
    """

    state_table: str
    events_table: str
    runs_table: str
    breakers_table: str
    api: dict[str, Any]
    timeout_seconds: float
    step_deadline_seconds: float
    max_retries: int
    connections: int
    requests_per_second: float | None
    success_statuses: tuple[str, ...]
    failure_statuses: tuple[str, ...]
    confirmed_statuses: tuple[str, ...]
    max_poll_attempts: int
    lease_seconds: int
    call_seconds: int
    breaker_failures: int
    breaker_open_seconds: int
    retention_minutes: int
    trigger_reason: str


def load_settings(text: str | None = None) -> Settings:
    """Read the settings from their JSON text (default: the text baked into this body).

    Raises:
        TypeError: when a setting is missing or unknown: then `deploy_policy_workflow` did not make
            this body.

    """
    values = json.loads(POLICY_WORKFLOW_SETTINGS if text is None else text)
    for field in fields(Settings):
        if isinstance(values.get(field.name), list):
            values[field.name] = tuple(values[field.name])
    return Settings(**values)


# --- common/strict_json.py
# Snowflake reads a number with more digits than a NUMBER as a double, whose limit is near 1e308.
MAX_DIGITS = 300
_MAY_BE_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def parse_strictly(text: str) -> Any:
    """Parse JSON.

    Raises:
        ValueError: when the text is not JSON, or holds NaN, Infinity, a number that no double can
            hold, one key twice in an object, or half of a surrogate pair. The error's message
            shows no content of the text.
        RecursionError: when the text is nested too deeply.

    """
    value = json.loads(
        text,
        parse_constant=refuse_constant,
        parse_float=_finite,
        parse_int=_whole,
        object_pairs_hook=without_duplicates,
    )
    if _MAY_BE_HALF.search(text):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("a text holds half of a surrogate pair (\\ud800 to \\udfff)") from None
    return value


def refuse_constant(name: str) -> Any:
    """Refuse a constant, such as NaN, that Python's parser accepts and JSON does not have."""
    raise ValueError(f"{name} is not JSON")


def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its pairs; a key that stands twice is an error."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is larger than JSON's readers can hold")
    return value


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number has over {MAX_DIGITS} digits")
    return int(text)


# --- common/redaction.py
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


# --- description/templates.py
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")
_POLICY = "policy"
_NUMBER = ".number"
_WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)")
# As segments of a path they name another resource (RFC 3986, 5.2.4).
_NO_SEGMENTS = ("", ".", "..")


class JsonText(str):
    """A JSON text that is sent as it is: a part of a policy, or an id as a number."""

    __slots__ = ()


class PlaceholderError(ValueError):
    """A placeholder has no value, or a value that cannot stand at its place.

    Args:
        message: what is wrong.
        error_class: the word by which macros/diagnosis/_failure_causes.sql explains the error.

    """

    def __init__(self, message: str, error_class: str = "PlaceholderMissing") -> None:
        super().__init__(message)
        self.error_class = error_class


@dataclass(frozen=True)
class Values:
    """What the placeholders of one execution stand for.

    Args:
        texts: the values by the names of their placeholders, but for those of the policy.
        policy: the policy, as JSON text or as an object; None where no placeholder needs it.

    """

    texts: Mapping[str, str] = field(default_factory=dict)
    policy: Mapping[str, Any] | str | None = None

    @cached_property
    def _text(self) -> JsonText:
        return JsonText(self.policy if isinstance(self.policy, str) else to_json(self.policy))

    @cached_property
    def _fields(self) -> Any:
        return json.loads(self._text or "null", parse_float=JsonText)

    def value(self, name: str) -> Any:
        """The value of a placeholder.

        Raises:
            PlaceholderError: when there is no such value, or its secrets were not kept.

        """
        first, *path = name.split(".")
        if first != _POLICY:
            if name.removesuffix(_NUMBER) in self.texts and name.endswith(_NUMBER):
                return _as_number(first, self.texts[first])
            if name not in self.texts:
                raise PlaceholderError(f"there is no value for {{{name}}} at this step")
            return self.texts[name]
        found = self._fields if path else self._text
        for part in path:
            if not isinstance(found, dict) or part not in found:
                raise PlaceholderError(
                    f"the policy has no field {'.'.join(path)}, which {{{name}}} stands for"
                )
            found = found[part]
        if REDACTED in (found if isinstance(found, str) else json.dumps(found)):
            raise PlaceholderError(
                f"the history does not keep the secrets of the policy, which {{{name}}} needs",
                "SecretsNotKept",
            )
        return found


def _as_number(name: str, text: str) -> JsonText:
    if not _WHOLE_NUMBER.fullmatch(text):
        raise PlaceholderError(f"the {name} '{text}' is no whole number, as {{{name}.number}} is")
    return JsonText(text)


def names_in(template: Any) -> Iterator[str]:
    """Name the placeholders of a text, or of the texts in a body."""
    if isinstance(template, str):
        yield from _PLACEHOLDER.findall(template)
    elif isinstance(template, dict):
        for item in template.values():
            yield from names_in(item)
    elif isinstance(template, list):
        for item in template:
            yield from names_in(item)


def fill_text(template: str, values: Values) -> str:
    """Fill a text.

    Raises:
        PlaceholderError: when a value is missing, or is no text, number or boolean.

    """
    return _PLACEHOLDER.sub(lambda found: _text(found[1], values.value(found[1])), template)


def fill_url(template: str, values: Values, *, shown: bool = False) -> str:
    """Fill an address; each value is percent-encoded.

    Args:
        template: the address with its placeholders.
        values: what the placeholders stand for.
        shown: whether the address is for people: then fields of the policy whose names say that
            they are secret are left out.

    Raises:
        PlaceholderError: as `fill_text`, and for a value that would lead to another address.

    """

    def filled(found: re.Match[str]) -> str:
        return quote(_text(found[1], values.value(found[1])), safe="")

    def to_show(found: re.Match[str]) -> str:
        is_secret = found[1].startswith(f"{_POLICY}.") and names_secret(found[1])
        return REDACTED if is_secret else filled(found)

    for segment in template.partition("?")[0].split("/"):
        names = ", ".join(f"{{{name}}}" for name in names_in(segment))
        text = unquote(_PLACEHOLDER.sub(filled, segment)) if names else None
        if text in _NO_SEGMENTS:
            message = f"with the value of {names} a part of the path becomes '{text}', "
            raise PlaceholderError(message + "which would lead to another address")
    return _PLACEHOLDER.sub(to_show if shown else filled, template)


def fill_body(template: Any, values: Values, key: tuple[str, str] | None = None) -> str:
    """Fill a body; returns its JSON text.

    Args:
        template: any JSON, with placeholders in its texts.
        values: what the placeholders stand for.
        key: a JSON Pointer, and the text to put there.

    Raises:
        PlaceholderError: as `fill_text`.

    """
    filled = _filled(template, values)
    if key:
        filled = _parsed(filled)
        _put(filled, *key)
    return _written(filled)


def fill_form(template: Any, values: Values, key: tuple[str, str] | None = None) -> str:
    """Fill a body that is sent as a form; returns the form, encoded as browsers do.

    Args:
        template: an object with placeholders, or a placeholder that stands for one.
        values: what the placeholders stand for.
        key: a JSON Pointer to a field of the form, and the text to put there.

    Raises:
        PlaceholderError: as `fill_text`, and for what a form cannot carry: objects and nulls.

    """
    form = _parsed(_filled(template, values))
    if not isinstance(form, dict):
        raise PlaceholderError("the body is sent as a form, and is no object")
    if key:
        _put(form, *key)
    pairs = []
    for name, held in form.items():
        value = _parsed(held)
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, str | int | float):
                what = _kind_of(item)
                raise PlaceholderError(f"{name} is {what}, which a form cannot carry")
            pairs.append((name, _text(name, item)))
    return urlencode(pairs)


def _parsed(value: Any) -> Any:
    """A value, where the whole policy as an object."""
    is_object = isinstance(value, JsonText) and value.lstrip()[:1] == "{"
    return json.loads(value, parse_float=JsonText) if is_object else value


def _filled(template: Any, values: Values) -> Any:
    if isinstance(template, str):
        whole = _PLACEHOLDER.fullmatch(template)
        return values.value(whole[1]) if whole else fill_text(template, values)
    if isinstance(template, dict):
        return {key: _filled(item, values) for key, item in template.items()}
    if isinstance(template, list):
        return [_filled(item, values) for item in template]
    return template


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise PlaceholderError(
        f"the value of {{{name}}} is {_kind_of(value)}, and stands inside a text"
    )


def _kind_of(value: Any) -> str:
    return "null" if value is None else "an object" if isinstance(value, dict) else "a list"


def _put(body: Any, pointer: str, key: str) -> None:
    *way, last = segments(pointer)
    for part in way:
        body = body.setdefault(part, {}) if isinstance(body, dict) else None
    if not isinstance(body, dict):
        raise PlaceholderError(f"the body has no object at {pointer} for the idempotency key")
    if last in body:
        message = f"the body has something else at {pointer}, where the idempotency key belongs"
        raise PlaceholderError(message)
    body[last] = key


def segments(pointer: str) -> tuple[str, ...]:
    """Split a JSON Pointer (RFC 6901) into the keys and indices on its way."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def _written(value: Any) -> str:
    """Write JSON as `to_json` does, with the parts of a policy as they are."""
    if isinstance(value, JsonText):
        return str(value)
    if isinstance(value, dict):
        items = (f"{to_json(key)}: {_written(item)}" for key, item in value.items())
        return "{" + ", ".join(items) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return to_json(value)


# --- description/description.py
StepName = Literal["find", "create", "poll", "trigger"]
# An answer that does not say which policy it is about has this in the place of its id.
NO_PLACE = "none"
FORM = "application/x-www-form-urlencoded"
# A repetition of these does what one request does (RFC 9110, 9.2.2).
_IDEMPOTENT_METHODS = frozenset({"PUT", "DELETE"})


@dataclass(frozen=True)
class Key:
    """Where the idempotency key of a request stands: in a header, or in the body at a pointer."""

    header: str | None = None
    body: str | None = None


@dataclass(frozen=True)
class Confirmation:
    """What confirms a circuit breaker: one of these values at this pointer of the answer."""

    at: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Endpoint:
    """One request to the API, and where its answer says what.

    Args:
        step: what the request is for.
        method: the HTTP method.
        url: the address, with placeholders.
        body: the body, with placeholders; None for a request without a body.
        headers: the headers, with placeholders.
        busy: HTTP statuses that mean "not now".
        already: HTTP statuses that say, to a repeated request, that the first one took effect.
        absent: HTTP statuses that say, to `find`, that the policy is not there.
        key: where the idempotency key stands; None where the API knows no keys.
        id_at: where the answer has the policy's id; None for the places that APIs usually take;
            NO_PLACE where the answer does not say which policy it is about.
        status_at: where the answer has the policy's statuses; empty for the usual places.
        confirmation: what confirms the circuit breaker; None for the usual words.
        again_after_seconds: how long `find` waits before it believes that a policy is not there.

    """

    step: StepName
    method: str
    url: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    busy: frozenset[int] = frozenset()
    already: frozenset[int] = frozenset()
    absent: frozenset[int] = frozenset()
    key: Key | None = None
    id_at: str | None = None
    status_at: tuple[str, ...] = ()
    confirmation: Confirmation | None = None
    again_after_seconds: float = 0

    @property
    def places(self) -> tuple[str, ...]:
        """All places in the answer that the description names."""
        confirmed_at = self.confirmation.at if self.confirmation else None
        return tuple(place for place in (self.id_at, *self.status_at, confirmed_at) if place)

    @property
    def is_read(self) -> bool:
        """Whether the request changes nothing at the API."""
        return self.step in ("find", "poll")

    @property
    def is_repeatable(self) -> bool:
        """Whether the request may be sent again when nobody knows whether it was processed."""
        return (
            self.is_read
            or self.key is not None
            or self.method in _IDEMPOTENT_METHODS
            or bool(self.already)
        )

    @cached_property
    def repetition(self) -> str | None:
        """How the API knows a repetition of this request; None where it does not.

        The same text means the same way: a key in the same place, a method that sets a state at the
        same path, or a status of `already`. The header Idempotency-Key is an empty text.
        """
        way, place = "already", ""
        if self.key is not None and self.key.header is not None:
            way, place = "header", self.key.header.lower()
            if place == "idempotency-key":
                return ""
        elif self.key is not None:
            way, place = "body", self.key.body or ""
        elif self.method in _IDEMPOTENT_METHODS:
            way, place = self.method, urlsplit(self.url).path
        elif not self.is_repeatable:
            return None
        # SQL compares the text, so the text has letters and digits only.
        return f"{way} {hashlib.sha256(place.encode()).hexdigest()[:12]}"

    @property
    def content_type(self) -> str | None:
        """The Content-Type that the headers name, as they name it; None where they name none."""
        return next((v for name, v in self.headers.items() if name.lower() == "content-type"), None)

    @property
    def is_form(self) -> bool:
        """Whether the body is sent as a form, and not as JSON."""
        return (self.content_type or "").partition(";")[0].strip().lower() == FORM

    @cached_property
    def needs_policy(self) -> bool:
        """Whether the request holds the policy, or a part of it."""
        names = {*names_in(self.url), *names_in(self.body)}
        return any(name.split(".")[0] == "policy" for name in names)


@dataclass(frozen=True)
class Description:
    """All requests to the API; `find` and `trigger` are None where there are none.

    `secrets` has the kind of SECRET by alias.
    """

    secrets: Mapping[str, str]
    find: Endpoint | None
    create: Endpoint
    poll: Endpoint
    trigger: Endpoint | None

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """All requests that there are."""
        return tuple(e for e in (self.find, self.create, self.poll, self.trigger) if e)

    @property
    def announces_creates(self) -> bool:
        """Whether a create is announced: nothing at the API would show that it was sent."""
        return not self.create.is_repeatable and not self.finds

    @property
    def finds(self) -> bool:
        """Whether the API can be asked for a policy that may be there."""
        return self.find is not None


def read_description(api: Mapping[str, Any]) -> Description:
    """Read the description that is baked into the settings."""
    find, trigger, headers = api["find"], api["trigger"], api["headers"]
    return Description(
        secrets=api["secrets"],
        find=None if find is None else _endpoint("find", find, headers),
        create=_endpoint("create", api["create"], headers),
        poll=_endpoint("poll", api["poll"], headers),
        trigger=None if trigger is None else _endpoint("trigger", trigger, headers),
    )


def _endpoint(step: StepName, said: Mapping[str, Any], headers: Mapping[str, str]) -> Endpoint:
    key, confirm = said.get("key"), said.get("confirm")
    return Endpoint(
        step=step,
        method=said["method"],
        url=said["url"],
        body=said["body"],
        headers=said.get("headers", headers),
        busy=frozenset(said["busy"]),
        already=frozenset(said.get("already", ())),
        absent=frozenset(said.get("absent", ())),
        key=None if key is None else Key(key.get("header"), key.get("body")),
        id_at=said.get("id"),
        status_at=tuple(said.get("status") or ()),
        confirmation=None if confirm is None else Confirmation(confirm["at"], tuple(confirm["in"])),
        again_after_seconds=said.get("again_after_seconds", 0),
    )


# --- domain/api_outcome.py
OutcomeKind = Literal[
    "found",
    "absent",
    "created",
    "ready",
    "not_ready",
    "failed",
    "triggered",
    "accepted",
    "rejected",
    "unavailable",
    "unknown",
    "unreadable",
]

# The error class of a status that the description calls busy.
API_BUSY = "ApiBusy"
# Where the message has these words, the answer is about the last of several tries.
EARLIER_TRY = "an earlier try may have been processed"
OUTCOME_UNKNOWN = "; the outcome is unknown: the API may have processed the request"


@dataclass(frozen=True)
class ApiOutcome:
    """The outcome of one call of the API.

    `response` is a JSON object: the API's own, or an object that describes what came instead.
    `error_class` is a word of this project (HTTP404, NoAnswer, MissingPolicyId...) that
    macros/diagnosis/_failure_causes.sql explains; None when the API answered as it should.
    `requests_sent` includes retries.
    """

    kind: OutcomeKind
    method: str
    url: str
    message: str
    http_status: int | None = None
    duration_ms: int = 0
    requests_sent: int = 1
    error_class: str | None = None
    response: dict[str, Any] | None = None
    policy_id: str | None = None

    @property
    def was_not_processed(self) -> bool:
        """Whether it is sure that the API did not process the request; in_doubt_sql says the same.

        A refusal with HTTP 2xx, a redirect, a server that is away (503, 408) and a gateway that
        gave up (499, 460) prove nothing, and the last answer proves nothing about an earlier try.
        """
        if EARLIER_TRY in self.message:
            return False
        if self.kind == "unavailable" and self.http_status in (408, 503):
            return self.error_class == API_BUSY
        if self.kind == "rejected" and self.requests_sent and self.http_status is not None:
            return 400 <= self.http_status <= 498 and self.http_status != 460
        return self.kind in ("unavailable", "rejected")


# --- domain/ownership.py
LONGEST_FRESH_SECONDS = 5.0


def fresh_seconds(lease_seconds: float) -> float:
    """For how many seconds after a look at the table a request may be sent."""
    return min(LONGEST_FRESH_SECONDS, lease_seconds / 3)


class NotPermittedError(Exception):
    """A request was not sent: this run no longer owns the execution."""


class NotBegunError(Exception):
    """A request was not sent, and the execution stays where it is: a later call may send it."""


class Ownership:
    """What the sending threads know of the run's ownership.

    The threads ask, and the main thread answers: only the main thread may use the session.

    Args:
        lease_seconds: how long a lease is.
        ask: called by a thread that needs a new look at the table.

    """

    def __init__(self, lease_seconds: float, ask: Callable[[], None]) -> None:
        self._fresh_seconds = fresh_seconds(lease_seconds)
        self._reserve = lease_seconds / 3
        self._ask = ask
        self._changed = threading.Condition()
        self._fresh_until = 0.0
        self._asked = False
        self._lost: set[str] = set()
        self._ended = False

    def confirm(self, since: float, lease_seconds: float, lost: Collection[str] = ()) -> None:
        """Note a look at the table, at all executions whose requests are queued.

        Args:
            since: when the look began, a `time.monotonic()`.
            lease_seconds: the time left of the shortest lease.
            lost: the executions that this run no longer owns.

        """
        with self._changed:
            lasts = min(self._fresh_seconds, lease_seconds - self._reserve)
            self._fresh_until = since + lasts
            self._lost.update(lost)
            self._asked = False
            self._changed.notify_all()

    def end(self) -> None:
        """Let no request be sent any more."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def check(self, execution_id: str) -> None:
        """Wait until it is known whether this run owns an execution.

        Raises:
            NotPermittedError: when the request must not be sent.

        """
        with self._changed:
            while (
                not self._ended
                and execution_id not in self._lost
                and time.monotonic() >= self._fresh_until
            ):
                if self._asked:
                    self._changed.wait()
                else:
                    self._asked = True
                    self._ask()
            if self._ended or execution_id in self._lost:
                raise NotPermittedError(execution_id)


# --- domain/api_breaker.py
API_BREAKER_OPEN = "ApiBreakerOpen"
# The event of an execution that stays where it is, as its endpoint's breaker is open.
HELD_BACK = "held_back"


class BreakerOpenError(NotBegunError):
    """A request was not sent: the breaker of its endpoint is open."""


@dataclass(frozen=True)
class OpenBreaker:
    """A breaker that is open, or half-open, in the table.

    Args:
        endpoint: which request it is about: find, create, poll or trigger.
        url: the address of the endpoint, with placeholders.
        since: when it opened, as text in UTC.
        until: when a probe is due, as text in UTC.
        problem: what was seen last.
        seconds: until a probe is due; 0 or less when a probe is due now.

    """

    endpoint: str
    url: str
    since: str
    until: str
    problem: str
    seconds: float

    @property
    def message(self) -> str:
        """Why an execution stays where it is."""
        return (
            f"the breaker towards the API is open for {self.endpoint} since {self.since} UTC; "
            f"the API is asked again at {self.until} UTC; seen last: {self.problem}"
        )


def open_breaker_of(row: Sequence[Any]) -> OpenBreaker:
    """Make an open breaker of a row that `read_breakers_sql` has read."""
    endpoint, url, since, until, problem, milliseconds = row
    return OpenBreaker(endpoint, url, since, until, problem or "", float(milliseconds or 0) / 1000)


class EndpointBreaker:
    """Counts the answers of one endpoint which say that the API is down; safe for many threads.

    "In a row" is meant in the order in which the policies' requests began. In the order in which
    answers arrive, the quick failures of an API that answers slowly would all come before its good
    answers. A good answer ends the row of all that began before its request. Each policy counts
    once, however often its request is repeated: a policy that the API never takes is one failure.

    When so many answers have failed that the breaker may have to open, and requests are under way
    that may show the contrary, nothing is begun until it is decided.

    Args:
        failures: how many policies in a row open the breaker; 0 for a breaker that never opens.
        connections: how many requests are under way at once. After so many failed requests in a row
            more than `failures`, fewer policies open the breaker: their repetitions are bounded.
        failed_before: how many policies in a row had failed when the call before this one ended.

    """

    def __init__(self, failures: int, connections: int, failed_before: int = 0) -> None:
        self._failures = failures
        self._most_requests = failures + connections
        self._changed = threading.Condition()
        self._begun = 0
        self._under_way = 0
        # The calls whose first request began after the last good one, in order: the number of the
        # request, and how many requests of the call have failed.
        self._row: dict[object, tuple[int, int]] = {
            object(): (number, 1) for number in range(-failed_before, 0)
        }
        self._failed_since_good = failed_before
        self.was_good = False
        self.problem: str | None = None
        # An answer that says neither that the API works nor that it is down.
        self.unclear: str | None = None

    @property
    def failed_in_row(self) -> int:
        """How many policies in a row have failed, up to the last one that was begun."""
        count = 0
        for _, failed in self._row.values():
            count = count + 1 if failed else 0
        return count

    @property
    def is_open(self) -> bool:
        """Whether no more request may be sent."""
        return self.problem is not None

    def check(self) -> None:
        """Let a request pass.

        Raises:
            BreakerOpenError: when the breaker is open.

        """
        if self.is_open:
            raise BreakerOpenError(self.problem)

    def begin(self, call: object, *, is_repeated: bool = False) -> int | None:
        """Begin a request; returns its number, or None when it must wait.

        Args:
            call: whose request it is.
            is_repeated: whether a request of the call was sent before.

        Raises:
            BreakerOpenError: when the breaker is open, or when another call is to be tried before a
                request is repeated.

        """
        with self._changed:
            self.check()
            if self._failures:
                if self._must_wait():
                    return None
                if is_repeated and self._is_doubtful():
                    raise BreakerOpenError(self.problem)
                if not is_repeated:
                    self._row[call] = (self._begun, 0)
            self._begun += 1
            self._under_way += 1
            return self._begun - 1

    def wait(self, seconds: float) -> None:
        """Wait until a request that had to wait may be begun, for some seconds at most."""
        with self._changed:
            self._changed.wait_for(lambda: not self._must_wait(), seconds)

    def note(self, call: object, number: int, problem: str | None) -> None:
        """Note the answer of a request.

        Args:
            call: whose request it was.
            number: the number of the request.
            problem: why the answer says that the API is down; None for a good answer.

        """
        with self._changed:
            self._end()
            if problem is None:
                self.was_good, self._failed_since_good = True, 0
                self._row = {
                    other: (first, failed)
                    for other, (first, failed) in self._row.items()
                    if first > number
                }
                return
            self._failed_since_good += 1
            if call in self._row:
                first, failed = self._row[call]
                self._row[call] = first, failed + 1
            if self.problem is None and self._is_down():
                self.problem = problem

    def withdraw(self, call: object, unclear: str | None = None) -> None:
        """Note that a request was not sent, or that its answer says neither.

        Args:
            call: whose request it was.
            unclear: what the answer was; None when nothing was sent.

        """
        with self._changed:
            self._end()
            self.unclear = unclear or self.unclear
            if self._row.get(call, (0, 1))[1] == 0:
                del self._row[call]

    def _failed_requests(self) -> int:
        return sum(failed for _, failed in self._row.values())

    def _is_doubtful(self) -> bool:
        """Whether so many requests have failed that a few more decide whether the API is down."""
        return max(self._failed_requests(), self._failed_since_good) >= self._failures

    def _must_wait(self) -> bool:
        """Whether nothing is begun until what is under way has shown whether the API is down."""
        if self.is_open or not self._failures or not self._under_way or not self._is_doubtful():
            return False
        # Requests that began long ago decide nothing: a few new requests do.
        return max(self._failed_requests(), len(self._row)) >= self._failures

    def _end(self) -> None:
        self._under_way -= 1
        self._changed.notify_all()

    def _is_down(self) -> bool:
        if not self._failures:
            return False
        calls = requests = 0
        for _, failed in self._row.values():
            calls, requests = (calls + 1, requests + failed) if failed else (0, 0)
            if calls >= self._failures or requests >= self._most_requests:
                return True
        return False


def probe_seconds(timeout_seconds: float, lease_seconds: int, pause_seconds: float = 0) -> int:
    """How long the lease of a probe is: its requests end within it.

    Args:
        timeout_seconds: of a request; a probe sends two of find and one of create at most.
        lease_seconds: how long the lease of an execution is.
        pause_seconds: between two requests of find.

    """
    return max(lease_seconds, int(3 * timeout_seconds + pause_seconds) + 10)


# --- domain/execution.py
PENDING = "pending"
POLICY_CREATED = "policy_created"
POLICY_READY = "policy_ready"
COMPLETED = "completed"
ERROR = "error"
# The name of an event whose change was not applied, or whose request was not sent.
SUPERSEDED = "superseded"
# The names of events by which a later run knows whether a request may have been sent.
CREATE_INITIATED = "create_initiated"
CIRCUIT_BREAKER_INITIATED = "circuit_breaker_initiated"
# A person decided that a request of unknown outcome is sent again.
REPEAT_ALLOWED = "repeat_allowed"
# A person saw at the API that the circuit breaker is triggered.
TRIGGER_CONFIRMED = "trigger_confirmed"
# The end of the message of a claim by a run that announces each create.
ANNOUNCES = "; each request is announced"
# The ends of messages of events that announce requests. A later run knows by them whether the API
# would know the repetition of a request, as the API is described then: nobody repeats the first
# kind by itself; the second kind has its way behind it; a message without such an end is about the
# header Idempotency-Key.
WITHOUT_KEY = "; the API knows no idempotency key"
REPETITION = "; a repetition is known by "
POLICY_ADOPTED = "policy_adopted"
NO_CIRCUIT_BREAKER = "no_circuit_breaker"

MAX_NOTE_CHARACTERS = 500
MAX_POLICY_ID_CHARACTERS = 1024

# Every change of status that a step may make. Only a claim leads back from 'error', to the status
# at which the failed step starts; and only a person leads back to 'policy_created', with the id of
# another policy.
TRANSITIONS = {
    PENDING: {PENDING, POLICY_CREATED, ERROR},
    POLICY_CREATED: {POLICY_CREATED, POLICY_READY, ERROR},
    POLICY_READY: {POLICY_READY, COMPLETED, ERROR, POLICY_CREATED},
}


@dataclass(frozen=True)
class Execution:
    """One row of the state table, as far as the steps need it.

    `invocation_id` is the run that owns the lease. `lease_seconds` is the time left of the lease:
    None without a lease, negative after its end. `sequence` is the number of the latest event.
    `policy_json` is the policy as JSON text; None when the policy was not read. `api_execution_id`
    is the `execution_id` in the API's answer to the create request. `announced` says whether a
    request to the circuit breaker was announced, and so may have been sent. `policy_name` is the
    policy's, where it is a text, for those who read of the execution.
    """

    execution_id: str
    status: str
    policy_id: str | None
    poll_count: int
    invocation_id: str | None
    lease_seconds: float | None
    sequence: int
    cancelled: bool
    policy_json: str | None
    api_execution_id: Any
    announced: bool = False
    policy_name: str | None = None

    @property
    def is_finished(self) -> bool:
        """Whether the execution has ended, in success or in error."""
        return self.status in (COMPLETED, ERROR)

    @property
    def known_to_api_as(self) -> str:
        """The execution_id that the API gave, if it is a text; otherwise ours."""
        theirs = self.api_execution_id
        return theirs if isinstance(theirs, str) and theirs else self.execution_id


@dataclass(frozen=True)
class Change:
    """A change of one execution's row, with the event that records the change.

    `columns` holds only the columns that change. `error_class` replaces the outcome's own where the
    step knows a better word for the error. `releases_lease` lets another run go on at once.
    """

    execution: Execution
    step: int
    attempt: int
    status_after: str
    event: str
    columns: dict[str, Any]
    outcome: ApiOutcome | None = None
    message: str | None = None
    error_class: str | None = None
    releases_lease: bool = False

    def __post_init__(self) -> None:
        """Refuse a change of status that the workflow does not know."""
        before = self.execution.status
        if self.status_after not in TRANSITIONS.get(before, set()):
            raise ValueError(f"no step leads from {before} to {self.status_after}")

    def without_answer(self, note: str) -> Self:
        """The same change, with a note in place of the API's answer."""
        kept = {"note": printable(note, MAX_NOTE_CHARACTERS)}
        return replace(
            self,
            columns={
                name: kept if isinstance(value, dict) else value
                for name, value in self.columns.items()
            },
            outcome=self.outcome and replace(self.outcome, response=kept),
        )

    @property
    def execution_id(self) -> str:
        """The execution that changes."""
        return self.execution.execution_id

    @property
    def summary(self) -> str:
        """The message of the row and of the event."""
        return self.message or (self.outcome.message if self.outcome else "")

    def state_row(self) -> dict[str, Any]:
        """The row that the statement binds; a missing key leaves its column as it is."""
        row: dict[str, Any] = {
            "execution_id": self.execution_id,
            "step": self.step,
            "status_before": self.execution.status,
            "status_after": self.status_after,
            "sequence": self.execution.sequence + 1,
            "message": self.summary,
            "columns": _without_none(self.columns),
        }
        if self.releases_lease:
            row["releases_lease"] = True
        if self.status_after == ERROR:
            row["error_message"] = self.summary
        return row

    def event_row(self, invocation_id: str, *, applied: bool) -> dict[str, Any]:
        """The event to append; it is 'superseded' when the change was not applied."""
        row = event_row(
            self.execution_id,
            invocation_id,
            self.execution.sequence + 1,
            self.event if applied else SUPERSEDED,
            status_before=self.execution.status,
            status_after=self.status_after if applied else None,
            step=self.step,
            attempt=self.attempt,
            policy_id=self.columns.get("policy_id") or self.execution.policy_id,
            message=self.summary,
            error_class=self.error_class,
        )
        if self.outcome:
            row |= _without_none(
                {
                    "http_method": self.outcome.method,
                    "url": self.outcome.url,
                    "http_status": self.outcome.http_status,
                    "requests_sent": self.outcome.requests_sent,
                    "duration_ms": self.outcome.duration_ms,
                    "outcome": self.outcome.kind,
                    "error_class": self.error_class or self.outcome.error_class,
                    "response": self.outcome.response,
                }
            )
        return row


def repetition_mark(way: str | None) -> str:
    """The end of a message that announces a request.

    Args:
        way: how the API would know a repetition of the request (see Endpoint.repetition).

    """
    if way is None:
        return WITHOUT_KEY
    return f"{REPETITION}{way}" if way else ""


def event_row(
    execution_id: str, invocation_id: str, sequence: int, event: str, **columns: Any
) -> dict[str, Any]:
    """Make one event, without the columns that are None."""
    return _without_none(
        {
            "event_id": uuid.uuid4().hex,
            "execution_id": execution_id,
            "invocation_id": invocation_id,
            "sequence": sequence,
            "event": event,
            **columns,
        }
    )


def _without_none(row: dict[str, Any]) -> dict[str, Any]:
    """Drop keys whose value is None.

    A missing key reads as SQL NULL; a JSON null does not (docs/snowflake_facts.md#json-and-null).
    """
    return {key: value for key, value in row.items() if value is not None}


# --- domain/history.py
_RESPONSES = {
    "create_policy": "api_response",
    POLICY_ADOPTED: "api_response",
    "poll_policy_status": "policy_status_response",
    "trigger_circuit_breaker": "circuit_breaker_response",
}


def rows_of_history(events: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Fold events, ordered by execution and sequence, into rows of the state table.

    `started`, `polled` and `cancelled` are times, in microseconds since 1970, UTC.
    """
    return [
        _row(execution_id, list(own))
        for execution_id, own in groupby(events, key=lambda event: str(event["execution_id"]))
    ]


def _row(execution_id: str, events: list[Mapping[str, Any]]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "execution_id": execution_id,
        "poll_count": 0,
        "requires_circuit_breaker": False,
        "circuit_breaker_initiated": False,
        "circuit_breaker_completed": False,
        "started": int(events[0]["event_time"]),
        "last_sequence": len(events),
    }
    for event in events:
        name, status, when = event["event"], event["status_after"], int(event["event_time"])
        if name == "resumed" and row.get("status") == ERROR and not row["requires_circuit_breaker"]:
            row["poll_count"] = 0
        if name == POLICY_ADOPTED and row.get("policy_id"):
            # A person gave the execution another policy, of which nothing is known yet.
            row |= {"poll_count": 0, "requires_circuit_breaker": False}
        row |= {
            "status": status or row.get("status"),
            "policy_id": event["policy_id"] or row.get("policy_id"),
            "message": event["message"],
            "invocation_id": event["invocation_id"],
            "last_sequence": max(row["last_sequence"], int(event["sequence"] or 0)),
        }
        if event["policy_data"] is not None and "policy_data" not in row:
            row["policy_data"] = parsed(event["policy_data"])
        if name in _RESPONSES and event["response"] is not None:
            row[_RESPONSES[name]] = parsed(event["response"])
        if name == "poll_policy_status":
            row |= {"poll_count": int(event["attempt"] or 0), "polled": when}
        if name == CIRCUIT_BREAKER_INITIATED:
            row["circuit_breaker_initiated"] = True
        if status == POLICY_READY:
            row["requires_circuit_breaker"] = True
        if name == NO_CIRCUIT_BREAKER:
            row["requires_circuit_breaker"] = False
        if name == "cancelled":
            row["cancelled"] = when
        row["error_message"] = event["message"] if status == ERROR else None
        row["completed"] = status in (COMPLETED, ERROR)
        row["circuit_breaker_completed"] = status == COMPLETED and name != NO_CIRCUIT_BREAKER
    return {key: value for key, value in row.items() if value is not None}


# --- domain/policy_value.py
class _Double(Decimal):
    """A number that was written with an exponent, which a VARIANT keeps as a double."""


def is_same(stored: str, given: Any) -> bool:
    """Whether a given policy is the stored one.

    A stored policy that was restored from the history has its secrets redacted: a redacted value
    equals any text or number. Numbers are compared by value, to the last digit: 1.0 is 1, and 0.1
    is not 0.10000000000000001. Of a number with an exponent a VARIANT keeps 15 decimals
    (docs/snowflake_facts.md#json-and-null).

    Args:
        stored: JSON text, from the table or its history.
        given: JSON text, or JSON.

    """
    text = given if isinstance(given, str) else json.dumps(given)
    return _same(_exact(stored), _exact(text))


def _exact(text: str) -> Any:
    return json.loads(text, parse_float=_number, parse_int=Decimal)


def _number(text: str) -> Decimal:
    return _Double(text) if "e" in text.lower() else Decimal(text)


def _same(stored: Any, given: Any) -> bool:
    if isinstance(stored, dict) and isinstance(given, dict):
        return stored.keys() == given.keys() and all(
            _same(item, given[key]) for key, item in stored.items()
        )
    if isinstance(stored, list) and isinstance(given, list):
        return len(stored) == len(given) and all(map(_same, stored, given))
    if stored == REDACTED and isinstance(given, str | Decimal):
        return not isinstance(given, bool)
    if isinstance(stored, _Double) and isinstance(given, Decimal):
        return stored == given or f"{stored:.15e}" == f"{given:.15e}"
    same_kind = isinstance(stored, bool) is isinstance(given, bool)
    return bool(stored == given) and same_kind


# --- domain/request.py
EXECUTION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+-]{0,127}")
RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
ENDPOINTS = ("find", "create", "poll", "trigger")
MOMENT = re.compile(r"[0-9]{4}(-[0-9]{2}){2} [0-9]{2}(:[0-9]{2}){2}[.][0-9]{6}")
MAX_POLICY_DEPTH = 50


def read_request(request: str) -> dict[str, Any]:
    """Parse the argument of a procedure; an invocation_id that ends in '*' is made unique.

    Raises:
        ValueError: when the argument is not the JSON object that the macros send.

    """
    wanted = parse_strictly(request)
    run_id = wanted.get("invocation_id") if isinstance(wanted, dict) else None
    if isinstance(run_id, str) and run_id.endswith("*"):
        run_id = wanted["invocation_id"] = f"{run_id[:-1]}{uuid.uuid4().hex[:16]}"
    if not _fits(RUN_ID, run_id):
        raise ValueError("the request must be a JSON object with an invocation_id")
    checked: dict[str, Any] = wanted
    return checked


def whole_number(request: dict[str, Any], name: str, default: int, least: int, most: int) -> int:
    """Read a whole number that the request may leave out.

    Raises:
        ValueError: when the value is no whole number, or is out of its bounds.

    """
    value = request.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most}")
    return value


def read_moment(request: dict[str, Any], name: str) -> str | None:
    """Read a time in UTC that an earlier answer gave; None when the request has none.

    Raises:
        ValueError: when the value is no such time.

    """
    value = request.get(name)
    if value is not None and not _fits(MOMENT, value):
        raise ValueError(f"{name} must be a time that an earlier answer gave")
    checked: str | None = value
    return checked


def read_failed_in_row(request: dict[str, Any]) -> dict[str, int]:
    """Read `failed_in_row`, how many policies in a row have failed at an endpoint, of an answer.

    Raises:
        ValueError: when the value is no mapping of endpoints to whole numbers.

    """
    found = request.get("failed_in_row") or {}
    if not isinstance(found, dict) or not set(found) <= set(ENDPOINTS):
        raise ValueError("failed_in_row must be what an earlier answer gave")
    return {name: whole_number(found, name, 0, 0, 1_000_000) for name in found}


def read_endpoint(value: Any) -> str | None:
    """Read an endpoint of the API, or "all", which is None.

    Raises:
        ValueError: when the value is neither.

    """
    if value == "all":
        return None
    if value not in ENDPOINTS:
        raise ValueError(f"an endpoint is one of {', '.join(ENDPOINTS)}")
    checked: str = value
    return checked


def requested_ids(request: dict[str, Any]) -> list[str]:
    """Read `execution_ids`.

    Raises:
        ValueError: when the value is not a list of ids, or an id stands twice.

    """
    ids = request.get("execution_ids")
    if not isinstance(ids, list) or not all(_fits(EXECUTION_ID, item) for item in ids):
        raise ValueError("execution_ids must be a list of execution ids")
    if len(set(ids)) < len(ids):
        raise ValueError("an execution_id stands twice in execution_ids")
    return ids


def requested_executions(request: dict[str, Any]) -> dict[str, dict[str, Any] | None]:
    """Read `executions`: policies by execution_id, None for executions that are only resumed.

    Raises:
        ValueError: when an id or a policy is not legal, or an id stands twice.

    """
    executions: dict[str, dict[str, Any] | None] = {}
    for number, item in enumerate(request.get("executions") or [], 1):
        if not isinstance(item, dict) or not _fits(EXECUTION_ID, item.get("execution_id")):
            raise ValueError(f"item {number} of executions is not an execution with a legal id")
        execution_id = item["execution_id"]
        if execution_id in executions:
            raise ValueError(f"execution_id {execution_id} stands twice")
        policy = item.get("policy_data")
        if policy is not None and (problem := policy_problem(policy)):
            raise ValueError(f"the policy_data of {execution_id} {problem}")
        executions[execution_id] = policy
    return executions


class Decision(NamedTuple):
    """What a person decided about a request of unknown outcome.

    Args:
        execution_id: the execution.
        step: 1 to create the policy, 3 to trigger its circuit breaker.
        policy_id: the id of the policy that is there at the API; None for another decision.
        confirmed: whether the circuit breaker is triggered, as the person saw at the API. Without
            this and without a policy_id the request is sent again.
        by: who decided, for messages.
        sequence: the number of the execution's latest event when the decision was checked.

    """

    execution_id: str
    step: int
    policy_id: str | None = None
    confirmed: bool = False
    by: str = "a person"
    sequence: int = 0

    def problem(self, row: Execution, run_id: str) -> str | None:
        """Say why the decision of a run does not fit an execution; None when it fits."""
        if row.status == COMPLETED or row.cancelled:
            return f"the execution is {'cancelled' if row.cancelled else 'completed'}"
        left = 0 if row.is_finished or row.invocation_id == run_id else row.lease_seconds or 0
        if left > 0:
            return (
                f"run {row.invocation_id} is at work on the execution, and holds its lease for "
                f"{left:.0f} more second(s). Look at the API, and decide, when that run has ended"
            )
        if self.step == 3:
            was_sent = "no request to the circuit breaker was sent for the execution"
            return None if row.announced else was_sent
        has = f"the execution has the policy_id {row.policy_id}"
        if row.policy_id is None:
            return None
        if self.policy_id is None:
            return (
                f"{has}: its policy is created. Where that id is wrong, give the right policy_id; "
                "where no policy is there, cancel the execution, and run the policy under another "
                "execution_id"
            )
        if self.policy_id == row.policy_id:
            return f"{has} already. To go on with it, leave policy_id out"
        if row.announced:
            return f"{has}, and a request to the circuit breaker of that policy may have been sent"
        return None


def read_decision(request: dict[str, Any]) -> Decision | None:
    """Read `create`, `trigger` and `policy_id`, with which a person ends a doubt.

    Raises:
        ValueError: when there is more than one of them, or no single execution that is resumed.

    """
    given = [name for name in ("create", "trigger", "policy_id") if request.get(name) is not None]
    if not given:
        return None
    executions = requested_executions(request)
    if len(given) > 1 or len(executions) != 1 or list(executions.values()) != [None]:
        raise ValueError(
            "create, trigger and policy_id stand alone, with one execution that is resumed"
        )
    (execution_id,) = executions
    name, value = given[0], request[given[0]]
    if name == "policy_id":
        value = read_policy_id(value)
        return Decision(execution_id, 1, value)
    if name == "trigger" and value == "confirmed":
        return Decision(execution_id, 3, confirmed=True)
    if value != "again":
        legal = "'again'" if name == "create" else "'again' or 'confirmed'"
        raise ValueError(f"{name} can only be {legal}")
    return Decision(execution_id, 1 if name == "create" else 3)


def read_policy_id(value: Any) -> str:
    """Read the id of a policy, as a person gives it.

    Raises:
        ValueError: when the value is no text that can be an id.

    """
    is_short = isinstance(value, str) and 0 < len(value) <= MAX_POLICY_ID_CHARACTERS
    if not is_short or printable(value) != value:
        raise ValueError(
            f"policy_id must be a text of 1 to {MAX_POLICY_ID_CHARACTERS} printable characters"
        )
    checked: str = value
    return checked


def read_run_id(value: Any) -> str:
    """Read the id of a run.

    Raises:
        ValueError: when the value is no legal id of a run.

    """
    if not _fits(RUN_ID, value):
        raise ValueError("a run's id must have 1 to 64 letters, digits, _ or -")
    checked: str = value
    return checked


def read_execution_id(value: Any) -> str:
    """Read the id of an execution.

    Raises:
        ValueError: when the value is no legal id of an execution.

    """
    if not _fits(EXECUTION_ID, value):
        raise ValueError(
            "execution_id must have 1 to 128 letters, digits, . _ : @ + or -, beginning with a "
            "letter or digit"
        )
    checked: str = value
    return checked


def policy_problem(policy: Any) -> str | None:
    """Say why a value is no policy; None when it is one."""
    if not isinstance(policy, dict) or not policy:
        return "must be a JSON object"
    if _depth(policy) > MAX_POLICY_DEPTH:
        return f"is nested over {MAX_POLICY_DEPTH} levels deep"
    return None


def _fits(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _depth(value: Any) -> int:
    """How many levels of objects and lists a value has."""
    deepest = 0
    open_values = [(value, 1)]
    while open_values:
        item, depth = open_values.pop()
        if isinstance(item, dict | list):
            deepest = max(deepest, depth)
            inner = item.values() if isinstance(item, dict) else item
            open_values += [(part, depth + 1) for part in inner]
    return deepest


# --- domain/tally.py
# How many executions, problems or rows an answer lists at most.
LISTED = 20


class Tally:
    """Counts the changes of a call, and keeps the first ones to list them."""

    def __init__(self) -> None:
        self.processed = 0
        self.counts: Counter[str] = Counter()
        self._listed: list[dict[str, Any]] = []
        self._failures: list[dict[str, Any]] = []
        # Seconds until the API takes the next request of this run.
        self.rest_seconds = 0.0
        # How many policies in a row have failed at an endpoint, for the next call of the step.
        self.failed_in_row: dict[str, int] = {}
        self._held_back = 0
        self._breaker: OpenBreaker | None = None

    def add(self, changes: Sequence[Change], applied: Collection[str]) -> None:
        """Count changes; `applied` has the executions whose changes are in the table."""
        for change in changes:
            status = change.status_after if change.execution_id in applied else SUPERSEDED
            self.processed += 1
            self.counts[status] += 1
            entry = {
                "policy_name": change.execution.policy_name,
                "execution_id": change.execution_id,
                "policy_id": change.columns.get("policy_id") or change.execution.policy_id,
                "status": status,
                "attempt": change.attempt,
                "message": change.summary,
            }
            if len(self._listed) < LISTED:
                self._listed.append(entry)
            if status in {ERROR, SUPERSEDED} and len(self._failures) < LISTED:
                self._failures.append(entry)

    def withheld(self, count: int) -> None:
        """Count executions whose requests were not sent, as this run no longer owns them."""
        self.processed += count
        self.counts[SUPERSEDED] += count

    def hold_back(self, count: int, breaker: OpenBreaker) -> None:
        """Count executions that stay where they are, as the breaker of an endpoint is open."""
        self._held_back += count
        self._breaker = breaker

    def summary(self, *, has_left: bool = False, **more: Any) -> dict[str, Any]:
        """Make the answer: it lists all executions when they are few, else those that failed.

        Args:
            has_left: whether executions are left for another call of the same step; then the answer
                has `more`, `rest_seconds` until the API takes the next request, and
                `failed_in_row`, which the next call is to be given.
            more: what else the answer has.

        """
        shown = self._listed if self.processed <= LISTED else self._failures
        if has_left and not self._breaker:
            more |= {
                "more": True,
                "rest_seconds": round(self.rest_seconds, 3),
                "failed_in_row": self.failed_in_row,
            }
        if self._breaker:
            more["api_breaker"] = {
                "endpoint": self._breaker.endpoint,
                "message": self._breaker.message,
                "held_back": self._held_back,
            }
        return {
            "processed": self.processed,
            "counts": dict(self.counts),
            "executions": shown,
            **more,
        }


# --- answers/answer_json.py
# Deeper levels are not kept. A policy that an answer repeats may have 50 levels itself.
MAX_ANSWER_DEPTH = 64
TOO_DEEP = "[nested too deeply to be kept]"
# A NUMBER has at most 38 digits (docs/snowflake_facts.md#json-and-null).
MAX_NUMBER_DIGITS = 38
_REPLACEMENT = "\ufffd"
_MAY_BE_UNSTORABLE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_BRACKETS = re.compile(r'"(?:[^"\\]+|\\.)*"?|[\[\]{}]', re.DOTALL)
_CLOSED_BY = {"[": "]", "{": "}"}


class NumberText(str):
    """The text of a number that no table can hold as a number; the API did not send a text."""

    __slots__ = ()


def parse_answer(content: bytes) -> tuple[Any, str | None]:
    """Parse the body of an answer.

    Args:
        content: the body, decoded from its Content-Encoding.

    Returns:
        The value and None, or None and the problem. In the value, numbers that are not finite or
        have over 38 digits are texts (`NumberText`), halves of a surrogate pair and NUL are U+FFFD,
        and nothing is nested over MAX_ANSWER_DEPTH levels.

    """
    if not content.strip(b" \t\r\n"):
        return None, "the body is empty"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None, "the body is not UTF-8"
    try:
        value = json.loads(
            _shallow(text),
            parse_constant=refuse_constant,
            parse_float=_finite_or_text,
            parse_int=_whole_or_text,
            object_pairs_hook=without_duplicates,
        )
    except (ValueError, RecursionError) as error:
        return None, f"the body is not JSON ({str(error)[:200]})"
    return (_mended(value) if _MAY_BE_UNSTORABLE.search(text) else value), None


def _finite_or_text(text: str) -> Any:
    value = float(text)
    return value if math.isfinite(value) else NumberText(text)


def _whole_or_text(text: str) -> Any:
    # -0 would become 0, which is another text.
    is_kept = len(text.lstrip("-")) <= MAX_NUMBER_DIGITS and text != "-0"
    return int(text) if is_kept else NumberText(text)


def _mended(value: Any) -> Any:
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, str) and _UNSTORABLE.search(value):
        return _UNSTORABLE.sub(_REPLACEMENT, value)
    return value


def _shallow(text: str) -> str:
    """Replace what is nested too deeply with a text, so that no parser runs out of stack."""
    if text.count("[") + text.count("{") <= MAX_ANSWER_DEPTH:
        return text
    parts: list[str] = []
    closing: list[str] = []
    kept = begin = 0
    for token in _BRACKETS.finditer(text):
        mark = token.group()
        if mark in _CLOSED_BY:
            closing.append(_CLOSED_BY[mark])
            if len(closing) == MAX_ANSWER_DEPTH + 1:
                begin = token.start()
        elif mark in ("]", "}"):
            if not closing or closing.pop() != mark:
                return text
            if len(closing) == MAX_ANSWER_DEPTH:
                parts += [text[kept:begin], json.dumps(TOO_DEEP)]
                kept = token.end()
    return "".join([*parts, text[kept:]])


# --- answers/answer_words.py
# Fields that say how the request went; each must hold a word that means yes.
STATUS = {"status", "state", "result"}
# Keys that end with one of these words say how something ended.
OUTCOMES = {"status", "state", "result", "outcome", "conclusion", "verdict", "decision"}
# Fields inside a status that is an object, the best field first.
STATUS_PARTS = ("name", "value", "text", "label", "phase", "message", "code")
# Objects that wrap the answer itself (JSend, JSON:API, AWS style and others).
ENVELOPES = {
    "data", "result", "results", "response", "payload", "body", "content", "attributes", "output",
    "item", "items", "resource", "meta", "d", "properties", "policy", "circuit", "circuitbreaker",
    "breaker", "trigger", "policies",
}  # fmt: skip
# The envelopes that are about the circuit breaker.
CIRCUITS = {"circuit", "circuitbreaker", "breaker", "trigger"}
# Objects that repeat the request, or are about something else.
ASIDE = {
    "request", "policydata", "input", "inputs", "parameters", "params", "args", "arguments",
    "config", "configuration", "settings", "options", "definition", "spec", "schema", "links",
    "headers", "metadata", "tags", "labels", "history", "warnings", "events", "transitions",
    "versions", "shards",
}  # fmt: skip
EARLIER = ("previous", "prior", "last", "old")
# False under a key that ends with one of these words means no; each request has its own set.
FLAGS = {"ok", "success", "succeeded", "successful", "accepted"}
CREATE_FLAGS = {*FLAGS, "created"}
POLL_FLAGS = {*FLAGS, "ready", "active", "completed", "done", "finished", "valid"}
TRIGGER_FLAGS = {
    *POLL_FLAGS, "triggered", "tripped", "open", "opened", "armed", "confirmed", "acknowledged",
    "applied", "executed", "activated", "complete", "processed", "allowed", "authorized",
    "authenticated", "permitted", "granted", "circuit", "initiated",
}  # fmt: skip
_ERRORS = {
    "error", "errors", "err", "exception", "exceptions", "fault", "faults", "faultstring",
    "faultcode", "violation", "violations", "stacktrace", "traceback",
}  # fmt: skip
_ERROR = re.compile(
    r"err(or)?s?(code|codes|msg|message|messages|type|name|description|details?|info|reason|no|id"
    r"|summary|count)?|modelstate|problems|issues|invalidparams"
)
# Words that make a key with `error` in its name no error: error_rate, errorPolicy.
_MEASURES = {
    "rate", "ratio", "threshold", "budget", "limit", "percent", "percentage", "policy", "handling",
    "handler", "mode", "level", "page", "url", "window", "timeout", "total", "max",
}  # fmt: skip
_COUNTED = {"error", "errors", "errorcode", "errcode", "errno", "errorcount"}
# A value that is not empty under one of these keys means no: true, a number, a text.
_FAILED = {
    "fail", "failed", "failure", "rejected", "denied", "refused", "aborted", "unauthorized",
    "forbidden", "cancelled", "canceled", "skipped", "ignored", "invalid", "expired", "timedout",
}  # fmt: skip
_FAILED_NAMES = {"notfound", "noop", "blocked"}
_FAILED_WHY = {"fail", "failed", "failure", "rejection", "reject", "denial", "deny"}
# Keys that say what to do in a case: on_error, default_action.
_IN_CASE = {"on", "if", "when", "default", "handle"}
_WHY = {"reason", "code", "message", "type", "detail", "details", "cause", "count"}
HTTP_STATUS = {"statuscode", "httpstatus", "httpcode", "httpstatuscode", "responsecode"}
RETURN_CODES = {"returncode", "retcode", "rc", "exitcode", "resultcode"}
REFUSALS = {
    "fail", "failed", "failure", "error", "errors", "denied", "access_denied", "deny", "rejected",
    "refused", "forbidden", "unauthorized", "unauthenticated", "invalid", "aborted", "cancelled",
    "canceled", "timeout", "timed_out", "not_found", "bad_request", "conflict", "unavailable",
    "internal_server_error", "internal_error", "internal", "unsuccessful", "ko", "nok", "expired",
    "permission_denied", "quota_exceeded", "declined", "blocked", "failed_precondition", "unknown",
    "invalid_argument", "resource_exhausted", "unimplemented", "data_loss", "out_of_range",
    "deadline_exceeded", "already_exists", "bad_gateway", "gateway_timeout", "service_unavailable",
    "too_many_requests", "unprocessable_entity", "validation_failed", "method_not_allowed",
}  # fmt: skip
_SQUASHED = {found.replace("_", "") for found in REFUSALS}
# Words of a field such as status that mean: accepted, and not done yet.
ACCEPTED = {
    "accepted", "queued", "enqueued", "pending", "processing", "in_progress", "inprogress",
    "scheduled", "submitted", "received", "running", "started", "starting", "working", "waiting",
    "deferred", "initiated", "requested", "async",
}  # fmt: skip
# Stand beside the code of an error, also where there is none.
_LOG_IDS = {"id", "logid", "requestid", "traceid", "correlationid"}
_FALSE = {"false", "no", "0", "n", "f", "off", "never"}
# A policy that is new may have such a status: the request was not refused.
_NOT_YET = {"unknown", "blocked"}
_NOT_DONE = re.compile(
    r"not_(found|exist|allowed|permitted|authori[sz]ed|authenticated|accept|supported|implemented"
    r"|valid|created|ok$|successful|eligible|possible|enough|unique|saved|stored|licensed)"
)
# Words of a status, without the marks between them, that refuse a creation: CreateFailed.
_REFUSES_CREATION = re.compile(
    r"(?!no_?errors?$|0)(.*(failed|failure|denied|rejected|refused|errors?|alreadyexist(s|ing)?"
    r"|duplicated?)|(failedto|rejectedby|cannot|doesnot|nopermission|insufficient|ratelimited"
    r"|throttled|not(found|authori[sz]ed|allowed|permitted|created|supported|accepted)).*"
    r"|exists|nack)"
)
_NOTHING = {
    "", "none", "null", "nil", "false", "ok", "success", "successful", "n/a", "na", "undefined",
}  # fmt: skip
_KEY = re.compile(r"[\w.:@$#-]+( [\w.:@$#-]+){0,3}")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def word(value: Any) -> str | None:
    """Normalise a value to compare it with lists of words; None for a value that is no word."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int | float | str):
        return None
    found = re.sub(r"[\s_-]+", "_", str(value).strip(" \t\r\n.!").casefold())
    found = found.replace("canceled", "cancelled")
    return re.sub(r"^(http_|(circuit_)?(breaker_)?(?=[a-z]))", "", found)


def words_of(values: Iterable[str]) -> set[str]:
    """The normalised words of a setting."""
    return {found for value in values if (found := word(value))}


@remembered
def plain(key: str) -> str:
    """A key without case and marks: errorMessage, error_message and ERROR-MESSAGE are the same."""
    return re.sub(r"[\W_]+", "", key).casefold()


@remembered
def words_of_key(key: str) -> tuple[str, ...]:
    """Split a key into words: isCircuitOpen gives is, circuit, open; a sentence gives none."""
    if not _KEY.fullmatch(key):
        return ()
    return tuple(found.lower() for found in _WORDS.findall(key))


def is_earlier(name: str) -> bool:
    """Whether a plain key is about an earlier state."""
    return name.startswith(EARLIER)


def is_refusal(said: str | None) -> bool:
    """Whether a word means no under any key."""
    if not said:
        return False
    return (
        said in REFUSALS
        or said.startswith(("not_", "invalid_", "missing_", "no_such_"))
        or said.replace("_", "") in _SQUASHED
    )


def refuses_creation(said: str) -> bool:
    """Whether the word of a status says that a policy was not created: CREATE_FAILED, duplicate."""
    return _REFUSES_CREATION.fullmatch(said.replace("_", "")) is not None


def is_not_yet(said: str | None, *, is_named: bool) -> bool:
    """Whether a word that may mean no can also say that a policy has not begun: NOT_STARTED.

    Args:
        said: the word.
        is_named: whether the description names the place of the id, so that the word is about it.

    """
    said = said or ""
    if said in _NOT_YET:
        return is_named
    return said.startswith("not_") and not _NOT_DONE.match(said)


def is_false(said: str | None) -> bool:
    """Whether a word means no under a key that asks a question, such as `success`."""
    return said in _FALSE or is_refusal(said)


def is_ok_number(said: str | None) -> bool:
    """Whether a word is an HTTP status of success other than 202, with or without its phrase."""
    return bool(re.fullmatch(r"2\d\d(_(ok|created|no_content))?", said or "")) and said != "202"


def code_says_no(name: str, said: str | None) -> bool:
    """Whether a code means no: an HTTP status, the exit code of a process, or a code in words."""
    digits = re.match(r"_?(\d+)(_|$)", said or "")
    if not digits:
        return is_refusal(said) or bool(re.fullmatch(r"e(rr(or)?)?_?(\d+|_[a-z_]+)", said or ""))
    number = digits[1]
    if not number.strip("0"):
        return False
    if name in RETURN_CODES:
        return not re.fullmatch(r"2\d\d", number)
    if name in HTTP_STATUS:
        return bool(re.fullmatch(r"[1345]\d\d", number))
    return bool(re.fullmatch(r"[45]\d\d", number))


def tells_of_error(key: str, value: Any) -> bool:
    """Whether a field reports an error, and is not empty."""
    name, words = plain(key), words_of_key(key)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_earlier(name) or not words or words[0] in _IN_CASE:
        return False
    if _ERROR.fullmatch(name) or _ERRORS & set(words):
        if set(words) & _MEASURES or (number and name not in _COUNTED):
            return False
        return says_something(value)
    if (
        words[-1] in _FAILED
        or name in _FAILED_NAMES
        or (words[0] in _FAILED_WHY and words[-1] in _WHY)
    ):
        # A circuit breaker counts failures, so a number of failures is no error.
        return says_something(value) and not (number and "failure" in words)
    return name == "failures" and isinstance(value, list | dict) and says_something(value)


def says_something(value: Any) -> bool:
    """Whether the value of a field such as `error` says that there is an error."""
    if isinstance(value, dict):
        code = next((item for key, item in value.items() if plain(key) == "code"), None)
        if isinstance(code, int | str) and not says_something(code):
            value = {key: item for key, item in value.items() if plain(key) not in _LOG_IDS}
        return any(map(says_something, value.values()))
    if isinstance(value, list):
        return any(map(says_something, value))
    if isinstance(value, str) and not isinstance(value, NumberText):
        said = word(value) or ""
        return not (said in _NOTHING or said.startswith("no_error") or not said.strip("0_"))
    return bool(value)


# --- answers/pointers.py
LOCATION = "location"
_HEADER = "header:"
_INDEX = re.compile(r"0|[1-9][0-9]*")


@dataclass(frozen=True)
class Received:
    """An answer, as far as its meaning needs it.

    `body` is JSON; `headers` has the headers of the answer, with names in lower case. `collections`
    has the last segments of addresses under which policies stand: such a segment is no id.
    """

    body: Any
    status: int = 200
    headers: Mapping[str, str] | None = None
    collections: Collection[str] = ()


@dataclass(frozen=True)
class Place:
    """What stands at a place of an answer.

    `state` is 'found', 'nothing', 'elsewhere' or 'unclear'. 'nothing' means that the answer says
    that there is nothing: a null, or a list that is too short. 'elsewhere' means that the answer
    has another shape, and says nothing about the place. 'unclear' means that something stands there
    of which nobody can say whether it is what was looked for.
    """

    state: Literal["found", "nothing", "elsewhere", "unclear"]
    value: Any = None


_ANOTHER_SHAPE = Place("elsewhere")
_NOTHING_THERE = Place("nothing")
_UNCLEAR = Place("unclear")
_ADDRESS = re.compile(r"https?://|/", re.IGNORECASE)
# Last segments that name something of a policy, and not the policy: /jobs/42/status.
_PARTS = {
    "status", "state", "result", "results", "progress", "monitor", "poll", "detail", "details",
    "outcome", "output", "response",
}  # fmt: skip
_ID_WORDS = {"id", "ids", "uuid", "guid", "key", "identifier"}
_NAME_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# `policies;id=42`, `policies(42)`, `id=42`: the id is a part of the segment.
_PARAMETERS = re.compile(r";|\(.*\)$|^\w*(?:id|uuid|guid|key)=", re.IGNORECASE)


def in_headers(place: str) -> bool:
    """Whether a place is in the headers of an answer, and not in its body."""
    return place == LOCATION or place.startswith(_HEADER)


def first_index(place: str | None) -> int | None:
    """The index with which a place begins: the answer there is a list. None for other places."""
    token = segments(place)[0] if place and place.startswith("/") else ""
    return int(token) if _INDEX.fullmatch(token) else None


def look_up(place: str, seen: Received) -> Place:
    """Read what stands at a place of an answer."""
    headers = seen.headers or {}
    if place == LOCATION:
        return _id_in_location(headers.get(LOCATION, ""), seen.collections)
    if place.startswith(_HEADER):
        value = headers.get(place.removeprefix(_HEADER).lower(), "").strip()
        if _ADDRESS.match(value):
            return _id_in_location(value, seen.collections)
        return Place("found", value) if value else _ANOTHER_SHAPE
    found = seen.body
    for token in segments(place):
        found = _as_json(found)
        if found is None:
            return _NOTHING_THERE
        if isinstance(found, list) and _INDEX.fullmatch(token):
            if int(token) >= len(found):
                return _NOTHING_THERE
            found = found[int(token)]
        elif isinstance(found, dict) and token in found:
            found = found[token]
        else:
            return _ANOTHER_SHAPE
    return _NOTHING_THERE if found is None else Place("found", found)


def _as_json(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        inner, problem = parse_answer(value.encode())
        return value if problem else inner
    return value


def collections_of(*addresses: str) -> frozenset[str]:
    """Name the last segment of each address that is no placeholder: `p` of `/p/{policy.name}`."""
    paths = (urlsplit(address).path.split("/") for address in addresses)
    named = ([part for part in path if part and "{" not in part] for path in paths)
    return frozenset(unquote(parts[-1]).casefold() for parts in named if parts)


def _id_in_location(location: str, collections: Collection[str]) -> Place:
    """The last segment of a Location, where it is clear that this is the id.

    It is not clear where the id stands, or may stand, somewhere else: in the query, in the fragment
    or in a parameter of the segment, or where the segment is the name of a collection or of a part.
    """
    if not location.strip():
        return _ANOTHER_SHAPE
    try:
        parts = urlsplit(location.strip())
        asked = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return _UNCLEAR
    *_, parent, last = ["", "", *parts.path.rstrip("/").split("/")]
    segment = unquote(last)
    is_elsewhere = (
        any(_may_name_id(name, segment) for name, value in asked if value != segment)
        or (parts.fragment and unquote(parent).casefold() not in collections)
        or _PARAMETERS.search(last)
    )
    if not segment or is_elsewhere or segment.casefold() in {*collections, *_PARTS}:
        return _UNCLEAR
    return Place("found", segment)


def _may_name_id(name: str, segment: str) -> bool:
    """Whether a query parameter may hold the id: `id`, `policyId`, or `policy` of `/policies`."""
    words = _NAME_WORDS.findall(name)
    is_id = bool(words) and words[-1].casefold() in _ID_WORDS
    stem = name.casefold()[:-1]
    return is_id or (len(stem) > 1 and segment.casefold().startswith(stem))


# --- answers/signs.py
# An answer about one policy has fewer objects and fields than these.
MAX_OBJECTS = 2000
MAX_FIELDS = 20_000
TOO_MANY = "the answer has too many parts to be read"
_POLICY_STATUS = {"policystatus", "policystate", "provisioningstate", "phase"}
_MESSAGES = {"message", "msg", "detail", "title", "description", "reason", "statusmessage"}
_JSON_TEXTS = {"body", "data", "payload", "response", "result", "message", "detail"}
_REFUSING_PROSE = re.compile(
    r"\b(not|no such|fail(s|ed|ure)?|errors?|denied|forbidden|unauthori[sz]ed|invalid|refused"
    r"|rejected|unable|cannot|can't|couldn't|missing|exceeded|exception|tim(ed?|ing)[ -]?out"
    r"|throttl(ed|ing)|no (permission|access|route|healthy|quota|credentials))\b",
    re.IGNORECASE,
)
_OK_CODES = {"created", "no_error", "none", "true"}
_GOOD_CONDITIONS = {"ready", "available", "active", "healthy", "succeeded", "complete"}


class TooManyPartsError(ValueError):
    """The answer has more objects or fields than can be read in reasonable time."""


@dataclass(frozen=True)
class Sign:
    """One place in an answer, and what it says.

    `says` is the normalised word or the id at this place; an empty text when it is neither.
    """

    path: tuple[str, ...]
    value: Any
    says: str


@dataclass(frozen=True)
class Level:
    """An object in an answer; `proper` means that it is the answer itself, and not a detail."""

    path: tuple[str, ...]
    fields: dict[str, Any]
    proper: bool

    @property
    def name(self) -> str:
        """The plain key of this object."""
        return plain(self.path[-1]) if self.path else ""

    @property
    def in_policy(self) -> bool:
        """Whether this object is a policy, or stands inside a policy."""
        return any(plain(part) in {"policy", "policies"} for part in self.path)

    @property
    def in_circuit(self) -> bool:
        """Whether this object is a circuit breaker, or stands inside a circuit breaker."""
        return any(plain(part) in CIRCUITS for part in self.path)

    def at(self, key: str) -> tuple[str, ...]:
        """The path of a field of this object."""
        return (*self.path, key)


def levels(body: dict[str, Any]) -> list[Level]:
    """List the objects of an answer that are read, the outer objects first.

    Raises:
        TooManyPartsError: when there are more than MAX_OBJECTS objects or MAX_FIELDS fields.

    """
    found = [Level((), body, proper=True)]
    fields = 0
    for level in found:
        inner = [(key, o) for key, value in level.fields.items() for o in _objects(key, value)]
        fields += len(level.fields)
        if len(found) + len(inner) > MAX_OBJECTS or fields > MAX_FIELDS:
            raise TooManyPartsError(TOO_MANY)
        # An object with a status or id of its own is more than an envelope of the object in it.
        own_words = {*STATUS, "policyid", "id"}
        said = any(plain(key) in own_words and word(v) for key, v in level.fields.items())
        alone = len({key for key, _ in inner}) == 1 and not said
        for key, fields_of_it in inner:
            name = plain(key)
            own = name in ENVELOPES | STATUS or (alone and name != "conditions")
            found.append(Level(level.at(key), fields_of_it, proper=level.proper and own))
    return found


def _objects(key: str, value: Any) -> list[dict[str, Any]]:
    """The objects under a key: an object, lists of objects, or the JSON text of either."""
    name = plain(key)
    if name in ASIDE or is_earlier(name) or names_secret(key):
        return []
    if isinstance(value, str) and name in _JSON_TEXTS and value.lstrip()[:1] in ("{", "["):
        value, _ = parse_answer(value.encode())
    found, left = [], [value]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            found.append(item)
        elif isinstance(item, list):
            left += [part for part in reversed(item) if isinstance(part, dict | list)]
        if len(found) + len(left) > MAX_FIELDS:
            raise TooManyPartsError(TOO_MANY)
    return found


def status_words(read: list[Level], *, of_policy: bool) -> list[Sign]:
    """Read the words of the fields that say how the request went, at the top and in envelopes.

    A number from 200 to 299 is left out: it repeats the HTTP status. Only 202 counts as a word: it
    says that the rest comes later.

    Args:
        read: the objects of the answer.
        of_policy: whether the answer is about the status of a policy.

    """
    signs = []
    for level in read:
        if not level.proper or (level.in_circuit if of_policy else level.in_policy):
            continue
        for key, value in level.fields.items():
            name = plain(key)
            if name in STATUS or (of_policy and name in _POLICY_STATUS):
                signs += _status(level.at(key), value, may_be_nothing=name == "result")
            elif name in HTTP_STATUS and word(value) == "202":
                signs.append(Sign(level.at(key), value, "202"))
    return signs


def _status(path: tuple[str, ...], value: Any, *, may_be_nothing: bool) -> list[Sign]:
    if isinstance(value, dict):
        # A status, state or result inside this object is read as a level of its own.
        own = {plain(part): item for part, item in value.items()}
        if may_be_nothing or any(word(own.get(part)) for part in STATUS):
            return []
        best = next((part for part in STATUS_PARTS if word(own.get(part))), None)
        return _word(path, own[best]) if best else [Sign(path, value, "")]
    if isinstance(value, list):
        if len(value) > MAX_OBJECTS:
            raise TooManyPartsError(TOO_MANY)
        plain_items = [item for item in value if not isinstance(item, dict | list)]
        signs = [sign for item in plain_items for sign in _word(path, item)]
        return signs if value or may_be_nothing else [Sign(path, value, "")]
    return [] if value is None and may_be_nothing else _word(path, value)


def _word(path: tuple[str, ...], value: Any) -> list[Sign]:
    said = word(value)
    return [] if is_ok_number(said) else [Sign(path, value, said or "")]


def refusals(
    read: list[Level], flags: set[str], agreed: set[str], *, details: bool, null_is_no: bool = False
) -> list[Sign]:
    """Find all places that say no; such a place outweighs any yes.

    Args:
        read: the objects of the answer.
        flags: the endings of keys under which false means no.
        agreed: words that mean yes to the caller, whatever they mean elsewhere.
        details: whether details count too, and not only the answer itself.
        null_is_no: whether an empty flag means no.

    """
    return [
        Sign(level.at(key), value, word(value) or "")
        for level in read
        if level.proper or details
        for key, value in level.fields.items()
        if _says_no(level, key, value, flags, agreed, null_is_no=null_is_no)
    ]


def _says_no(
    level: Level, key: str, value: Any, flags: set[str], agreed: set[str], *, null_is_no: bool
) -> bool:
    if tells_of_error(key, value):
        return True
    name, said, words = plain(key), word(value), words_of_key(key)
    if name in ASIDE or is_earlier(name) or not words:
        return False
    number = re.match(r"_?\d{3}(_|$)", said or "")
    if name in {*HTTP_STATUS, *RETURN_CODES, "code"} or (name in STATUS and number):
        return code_says_no(name, said) and said not in agreed
    if words[-1] in flags:
        return is_false(said) or (null_is_no and value in (None, "", [], {}))
    if name == "status" and plain(str(level.fields.get("type", ""))) in _GOOD_CONDITIONS:
        return said == "false"
    outcome = words[-1] in OUTCOMES and (level.proper or null_is_no)
    return outcome and is_refusal(said) and said not in agreed


def hints(read: list[Level], agreed: set[str]) -> list[Sign]:
    """Find weak signs of a no, for answers without a yes: a word, a code or prose at any key.

    Where some words are agreed to mean yes, a code of the answer itself in other words is a sign.
    """
    return [
        Sign(level.at(key), value, word(value) or "")
        for level in read
        for key, value in level.fields.items()
        if _hints_at_no(key, value, agreed)
        or (_may_have_code(level) and agreed and _is_unknown_code(key, value, agreed))
    ]


def _may_have_code(level: Level) -> bool:
    """Whether a code there is one of the answer, and not of a policy or a circuit breaker."""
    return level.proper and not (level.in_policy or level.in_circuit)


def _is_unknown_code(key: str, value: Any, agreed: set[str]) -> bool:
    if plain(key) not in {*HTTP_STATUS, *RETURN_CODES, "code", "subcode"}:
        return False
    if not isinstance(value, str):
        return value is False or (isinstance(value, dict | list) and bool(value))
    said = word(value) or ""
    is_fine = said in agreed | _OK_CODES or is_ok_number(said) or is_later(said)
    return not (is_fine or re.fullmatch(r"[a-z]?_?0*|1", said))


def _hints_at_no(key: str, value: Any, agreed: set[str]) -> bool:
    name, said = plain(key), word(value)
    if name in ASIDE or is_earlier(name):
        return False
    if name == "code" and str(said).lstrip("_").isdigit():
        return said != "1" and str(said).strip("0") != "" and not is_ok_number(said)
    if name == "detail" and isinstance(value, list):
        return bool(value)
    if not isinstance(value, str):
        return name == "dryrun" and value is True
    return (
        ((said in {"closed", "half_open"} or is_refusal(said)) and said not in agreed)
        or (name in _MESSAGES and _REFUSING_PROSE.search(value) is not None)
        or (name in {"type", "name", "object"} and "error" in words_of_key(value))
        or (name == "body" and value.lstrip().startswith("<"))
    )


def says_yes(read: list[Level], flags: set[str], agreed: set[str]) -> bool:
    """Whether anything in an answer says yes: a status, a flag, or the state of a circuit."""
    for level in read:
        for key, value in level.fields.items():
            words, said = words_of_key(key), word(value)
            if not level.proper or not words:
                continue
            if words[-1] in OUTCOMES | {"circuit", "breaker"} and said in agreed:
                return True
            if words[-1] in flags and (value is True or said in {"true", "yes", "1", *agreed}):
                return True
    return False


def is_later(said: str | None) -> bool:
    """Whether a word says that the rest comes later: queued, pending_approval, 202."""
    first = (said or "").split("_")[0]
    return said in ACCEPTED or first in ACCEPTED | {"202"} or said == "not_started"


def deferrals(read: list[Level], flags: set[str]) -> list[Sign]:
    """Find the places that say that the request was accepted, and that the rest comes later."""
    found = []
    for level in read:
        for key, value in level.fields.items() if level.proper else ():
            words, said = words_of_key(key), word(value)
            flag = bool(words) and words[-1] in ACCEPTED - {"accepted"} and value is True
            later = bool(words) and words[-1] in {*OUTCOMES, *_MESSAGES, *flags} and is_later(said)
            if flag or later:
                found.append(Sign(level.at(key), value, said or ""))
    return found


def policy_ids(read: list[Level]) -> list[Sign]:
    """Find all fields that name the policy, without those that are null or empty.

    A sign's `says` is the id; an empty text when the value cannot be an id.
    """
    proper = [level for level in read if level.proper]
    named = [sign for level in proper for sign in _ids(level, "policyid", "policyuuid")]
    return named or [
        sign
        for level in proper
        if (level.in_policy and level.name in {"policy", "policies", "data"})
        or plain(str(level.fields.get("type", ""))) in {"policy", "policies"}
        for sign in _ids(level, "id")
    ]


def own_ids(read: list[Level]) -> list[Sign]:
    """Find each `id` of the answer and of its envelopes, for answers that name no policy."""
    # JSON-RPC puts the id of the request there.
    return [
        sign
        for level in read
        if level.proper
        and level.name not in {*STATUS - {"result"}, *CIRCUITS, "meta"}
        and "jsonrpc" not in level.fields
        for sign in _ids(level, "id")
    ]


def _ids(level: Level, *names: str) -> list[Sign]:
    return [
        Sign(level.at(key), value, id_text(value) or "")
        for key, value in level.fields.items()
        if plain(key) in names and value is not None and value != ""
    ]


def id_text(value: Any) -> str | None:
    """An id as text; None for a value that cannot be an id."""
    if isinstance(value, bool | NumberText) or not isinstance(value, int | str):
        return None
    return str(value) if str(value).strip() else None


# --- answers/identity.py
def read_levels(body: Any, places: Iterable[str | None]) -> list[Level]:
    """List the objects of an answer that are read.

    Args:
        body: the JSON of the answer. Of a list, the items that a place names are the answer.
        places: where the description says that something stands.

    Raises:
        TooManyPartsError: as `levels`.

    """
    if isinstance(body, dict):
        return levels(body)
    if not isinstance(body, list):
        return []
    named = dict.fromkeys(first_index(place) for place in places)
    return [
        level
        for index in named
        if index is not None and index < len(body)
        for level in levels({str(index): body[index]})
    ]


def another_policy(
    seen: Received,
    id_at: str | None,
    places: Iterable[str | None],
    policy_id: str,
    show: Callable[[Any], str],
    *,
    with_bare_ids: bool,
) -> str | None:
    """Say where an answer names another policy than the one that was asked for; None if nowhere.

    Args:
        seen: the answer.
        id_at: the place of the id; None where the description names none, and NO_PLACE where it
            says that the answer names no policy.
        places: all places that the description names in this answer.
        policy_id: the policy that was asked for.
        show: makes a value fit for a message.
        with_bare_ids: whether a mere `id` names the policy, where nothing else does.

    """
    if id_at == NO_PLACE:
        return None
    if id_at is not None:
        found = look_up(id_at, seen).value
        is_right, path, names = id_text(found) == policy_id, id_at, segments(id_at)
    else:
        sign = _other(read_levels(seen.body, places), policy_id, with_bare_ids=with_bare_ids)
        is_right, found = sign is None, sign.value if sign else None
        names = sign.path if sign else ()
        path = show(".".join(names)).strip("'")
    if is_right:
        return None
    value = REDACTED if any(map(names_secret, names)) else show(found)
    return f"the answer is about another policy: {path} is {value}"


def _other(read: list[Level], policy_id: str, *, with_bare_ids: bool) -> Sign | None:
    """Find the place in an answer that names another policy."""
    named = policy_ids(read)
    for sign in named:
        if sign.says != policy_id:
            return sign
    own = own_ids(read) if with_bare_ids and not named else []
    return own[0] if own and policy_id not in {sign.says for sign in own} else None


# --- answers/judgement.py
# What programs write for an id that they do not have.
NO_IDS = {".", "..", "undefined", "null", "none", "nan", "[object object]"}
# A flag such as isSuccess says how far a policy is.
_ASKS = {"is", "was", "has"}
_ABOUT_PROGRESS = {"ok", "success", "successful", "succeeded"}
_OF_THE_REQUEST = {"ok", "true", "1", "succeeded", "successful"}
TRIGGER_ACCEPTED = (
    "the API accepted the request and has not confirmed the circuit breaker; take it up again later"
)
NO_ID = "MissingPolicyId"
_AN_ID = (
    f"an id is a whole number of at most 38 digits, or a text of 1 to {MAX_POLICY_ID_CHARACTERS} "
    "printable characters that is no secret and no word such as null"
)
_MAY_EXIST = "; a policy may exist at the API"
# Shows a value of an answer in a message: redacted, on one line, cut, and a text in quotes.
Show = Callable[[Any], str]
QUOTE = "'"


@dataclass(frozen=True)
class Judgement:
    """What an answer means; `error_class` is None when the API answered as it should."""

    kind: OutcomeKind
    message: str
    error_class: str | None = None
    policy_id: str | None = None


def judge_created(
    seen: Received,
    id_at: str | None,
    sent: Callable[[], Mapping[str, Any]],
    settings: Settings,
    show: Show,
    is_secret: Callable[[str], bool],
) -> Judgement:
    """Judge the answer to the request that creates a policy.

    A policy is created when the answer names its id and nothing in the answer says no.

    Args:
        seen: the answer.
        id_at: the place of the policy's id; None for the usual places.
        sent: returns the policy that was sent; a field that the answer only repeats says nothing.
            The policy may be long and is seldom needed, so it is parsed on demand.
        settings: for the words that mean failure.
        show: for messages.
        is_secret: says whether a text is our own token, or a part of it.

    """
    read = read_levels(seen.body, [id_at])
    failure = words_of(settings.failure_statuses)
    said = refusals(read, CREATE_FLAGS, set(), details=False)
    said += [
        sign
        for sign in status_words(read, of_policy=True)
        if sign.says in failure or sign.value is False or refuses_creation(sign.says)
    ]
    said = [sign for sign in said if not _is_not_begun(sign, is_named=id_at is not None)]
    if said := _not_repeated(said, sent):
        message = f"the API's answer says failure: {_stated(said[0], show)}"
        return Judgement("rejected", message, "CreateRefused")
    if id_at is not None:
        # Only these say of a Location that it is what was created (RFC 9110, 10.2.2).
        is_there = id_at != LOCATION or seen.status in (201, 202)
        place = look_up(id_at, seen) if is_there else Place("elsewhere")
        return judge_id(place, id_at, is_secret)
    named = policy_ids(read)
    if not named:
        named = own_ids(read)[:1]
        # An `id` may belong to a request that was refused.
        if named and (doubts := _not_repeated(hints(read, set()), sent)):
            message = f"the API's answer says failure: {_stated(doubts[0], show)}"
            return Judgement("rejected", message, "CreateRefused")
    ids = {sign.says for sign in named}
    if not ids or "" in ids:
        return Judgement("unreadable", f"the answer holds no policy_id{_MAY_EXIST}", NO_ID)
    return _created(named[0].says if len(ids) == 1 else "", is_secret)


def _is_not_begun(sign: Sign, *, is_named: bool) -> bool:
    """Whether a no is about a policy that has not begun, and not about the request.

    Args:
        sign: the no.
        is_named: whether the description names the place of the id. Then a flag such as is_success
            is about the policy; a mere `success`, and is_created, are about the request.

    """
    words = words_of_key(sign.path[-1])
    if words[-1] in OUTCOMES:
        return is_not_yet(sign.says, is_named=is_named)
    return is_named and words[0] in _ASKS and words[-1] in _ABOUT_PROGRESS


def judge_id(place: Place, id_at: str, is_secret: Callable[[str], bool]) -> Judgement:
    """Judge the policy's id that stands at a place of an answer: created, if it is an id."""
    if place.state == "unclear":
        message = f"it is not clear which part of the {id_at} is the policy_id{_MAY_EXIST}"
        return Judgement("unreadable", message, "UnreadableAnswer")
    policy_id = id_text(place.value)
    if policy_id is None:
        no_id = f"; {_AN_ID}" if place.state == "found" else ""
        message = f"the answer holds no policy_id at {id_at}{no_id}{_MAY_EXIST}"
        return Judgement("unreadable", message, NO_ID)
    return _created(policy_id, is_secret)


def _created(policy_id: str, is_secret: Callable[[str], bool]) -> Judgement:
    usable = (
        0 < len(policy_id) <= MAX_POLICY_ID_CHARACTERS
        and policy_id.casefold() not in NO_IDS
        and printable(policy_id) == policy_id
        and not is_secret(policy_id)
    )
    if not usable:
        message = f"the policy_id is unusable; {_AN_ID}{_MAY_EXIST}"
        return Judgement("unreadable", message, "InvalidPolicyId")
    return Judgement("created", "policy created", policy_id=policy_id)


def judge_polled(
    seen: Received, id_at: str | None, policy_id: str, settings: Settings, show: Show
) -> Judgement:
    """Judge the answer about the status of a policy, where its description names no status.

    A policy is ready when each status in the answer is a word of success, and nothing says no. An
    answer with the HTTP status 202 means that the rest comes later.

    Args:
        seen: the answer.
        id_at: the place of the policy's id; None for the usual places.
        policy_id: the policy that was asked for.
        settings: for the words that mean ready and failed.
        show: for messages.

    """
    read = read_levels(seen.body, [id_at])
    if other := another_policy(seen, id_at, [], policy_id, show, with_bare_ids=True):
        return Judgement("not_ready", other, "AnotherPolicy")
    words = [sign for sign in status_words(read, of_policy=True) if sign.says]
    success = words_of(settings.success_statuses)
    failed = [sign for sign in words if sign.says in words_of(settings.failure_statuses) - success]
    if failed:
        return Judgement("failed", _reported(failed[0], show), "PolicyFailed")
    if not words:
        return Judgement("not_ready", "the answer holds no status", "MissingStatus")
    # Beside the policy's own status, a mere `ok` is about the request.
    own = [sign for sign in words if sign.says not in _OF_THE_REQUEST - success]
    unready = [sign for sign in own or words if sign.says not in success]
    if unready:
        return Judgement("not_ready", _reported(unready[0], show))
    if said := refusals(read, POLL_FLAGS, success, details=True):
        message = f"{_reported(words[0], show)}, and its answer says otherwise: "
        return Judgement("not_ready", message + _stated(said[0], show), "StatusContradicted")
    if seen.status == 202:
        message = f"{_reported(words[0], show)}, with HTTP 202: not finished"
        return Judgement("not_ready", message, "StatusContradicted")
    return Judgement("ready", _reported(words[-1], show))


def judge_triggered(
    seen: Received, id_at: str | None, policy_id: str, settings: Settings, show: Show
) -> Judgement:
    """Judge the answer about the circuit breaker, where its description names no confirmation.

    A circuit breaker is confirmed when all statuses are words that confirm, and nothing says no.
    The HTTP status 202 is no confirmation.

    Args:
        seen: the answer; an object that says nothing about success or failure is a confirmation.
        id_at: the place of the policy's id; None for the usual places.
        policy_id: the policy of the circuit breaker.
        settings: for the words that confirm.
        show: for messages.

    """
    read = read_levels(seen.body, [id_at])
    if other := another_policy(seen, id_at, [], policy_id, show, with_bare_ids=False):
        return Judgement("failed", other, "AnotherPolicy")
    yes = words_of(settings.confirmed_statuses) | {"true"}
    said = refusals(read, TRIGGER_FLAGS, yes, details=True, null_is_no=True)
    words = [sign for sign in status_words(read, of_policy=False) if sign.says not in yes]
    later = [sign for sign in words if is_later(sign.says)]
    unknown = [sign for sign in words if sign not in later]
    if not said and not unknown and not says_yes(read, TRIGGER_FLAGS, yes):
        said = hints(read, yes)
    if said:
        message = f"the API's answer says failure: {_stated(said[0], show)}"
        return Judgement("failed", message, "CircuitRefused")
    if unknown:
        message = f"the circuit breaker is not confirmed: {_reported(unknown[0], show)}"
        return Judgement("failed", message, "CircuitNotConfirmed")
    later += deferrals(read, TRIGGER_FLAGS)
    if later or seen.status == 202:
        reported = _reported(later[0], show) if later else "HTTP 202"
        return Judgement("accepted", f"{TRIGGER_ACCEPTED} ({reported})", "CircuitAccepted")
    return Judgement("triggered", "circuit breaker confirmed")


def _not_repeated(signs: list[Sign], sent: Callable[[], Mapping[str, Any]]) -> list[Sign]:
    policy = sent() if signs else {}
    return [sign for sign in signs if not _repeats(sign, policy)]


def _repeats(sign: Sign, sent: Mapping[str, Any]) -> bool:
    """Whether the policy has the same field with the same value."""
    found: Any = sent
    for part in sign.path:
        if not isinstance(found, Mapping) or part not in found:
            return False
        found = found[part]
    return bool(found == sign.value)


def _reported(sign: Sign, show: Show) -> str:
    return f"the API reports {_path(sign, show)} {_value(sign, show)}"


def _stated(sign: Sign, show: Show) -> str:
    return f"{_path(sign, show)} is {_value(sign, show)}"


def _path(sign: Sign, show: Show) -> str:
    return show(".".join(sign.path)).strip(QUOTE)


def _value(sign: Sign, show: Show) -> str:
    return REDACTED if any(map(names_secret, sign.path)) else show(sign.value)


# --- answers/described.py
_ERROR_KEYS = {"error", "errors", "exception", "fault"}
_OUTCOME_FLAGS = {"ok", "success"}
# Keys by which a list says that it is not the whole list.
_INCOMPLETE = re.compile(
    r"timedout|(is)?(truncated|partial|incomplete)(results?)?|has(more|next)(pages?|results?)?"
    r"|more(results|records|items|data|pages?)?|lastevaluatedkey|continue"
    r"|(\w*next|continuation)(pages?|pages?token|token|cursor|link|url|key|offset|marker|index)?"
)
_WHOLE = {"islast", "islastpage", "lastpage", "last", "complete", "iscomplete"}
# How many there are: of an empty list, none.
_TOTALS = re.compile(r"(total|result)?(count|results|records|items|hits|elements)|total|numfound")
# Parts that repeat the question.
_QUESTION = {"query", "request", "params", "parameters", "filter", "filters", "criteria"}
_NEXT_LINK = re.compile(r"""\brel\s*=\s*("[^"]*\bnext\b|next\b)""", re.IGNORECASE)
_INCOMPLETE_PROSE = re.compile(
    r"\btim(ed|e|ing)[ -]?out|incomplete|partial|truncated", re.IGNORECASE
)
_SEARCH_MESSAGES = {"message", "msg", "detail", "warning", "reason"}


def judge_found(
    seen: Received, id_at: str, show: Show, is_secret: Callable[[str], bool]
) -> Judgement:
    """Judge the answer to the question whether a policy is there.

    The policy is there when its id stands at the place. The policy is not there only when the
    answer says so: by a list that is too short, or by a null.
    """
    place = look_up(id_at, seen)
    if place.state == "nothing" and (reason := _no_answer(seen, id_at, show)):
        message = f"the answer does not say whether the policy is there: {reason}"
        return Judgement("unreadable", message, "FindUnclear")
    if error := _error(seen, [id_at], show):
        return Judgement("unreadable", f"the API's answer says failure: {error}", "FindUnclear")
    if place.state == "nothing":
        return Judgement("absent", f"the API has no such policy: nothing stands at {id_at}")
    if place.state == "elsewhere":
        message = f"the answer does not say whether the policy is there: it has no {id_at}"
        return Judgement("unreadable", message, "FindUnclear")
    judged = judge_id(place, id_at, is_secret)
    if judged.policy_id is None:
        return judged
    return Judgement("found", "the policy is there", policy_id=judged.policy_id)


def _no_answer(seen: Received, id_at: str, show: Show) -> str | None:
    """Say why an answer without the policy is no answer: it reports a failure, or comes later."""
    if seen.status == 202:
        return "HTTP 202"
    if more := _says_incomplete(seen, show):
        return f"{more}, so the answer is not the whole list"
    read = read_levels(seen.body, [id_at])
    said = refusals(read, FLAGS, set(), details=False) or deferrals(read, FLAGS)
    if not said:
        return None
    path = "/" + "/".join(said[0].path)
    return f"{path} is {_shown_value(path, said[0].value, show)}"


def _says_incomplete(seen: Received, show: Show) -> str | None:
    """Find what says that a search broke off, or that its list goes on elsewhere."""
    headers = seen.headers or {}
    if _NEXT_LINK.search(headers.get("link", "")) or headers.get("x-next-page", "").strip():
        return "a header names the next page"
    left: list[tuple[str, Any]] = [("", seen.body)]
    for path, level in left:
        for key, value in level.items() if isinstance(level, dict) else ():
            name, at = plain(key), f"{path}/{key}"
            if name in _QUESTION:
                continue
            if _is_part(name, value):
                return f"{show(at).strip(QUOTE)} is {_shown_value(at, value, show)}"
            if isinstance(value, dict) and len(left) < MAX_OBJECTS:
                left.append((at, value))
    return None


def _is_part(name: str, value: Any) -> bool:
    """Whether a field says that a list is a part of another one, or that the search broke off."""
    if _INCOMPLETE.fullmatch(name):
        return _is_something(value)
    if name in _WHOLE:
        return value is False
    if _TOTALS.fullmatch(name):
        return isinstance(value, int) and not isinstance(value, bool) and value > 0
    if name in OUTCOMES:
        return (word(value) or "").startswith("partial")
    is_prose = isinstance(value, str) and name in _SEARCH_MESSAGES
    return is_prose and _INCOMPLETE_PROSE.search(value) is not None


def _is_something(value: Any) -> bool:
    """Whether a value is true, a token, a number of a page, or an object with an address."""
    if isinstance(value, dict | list):
        return says_something(value)
    return bool(value) and word(value) not in ("false", "null", "none", "0", "no", "")


def judge_statuses(
    seen: Received, endpoint: Endpoint, policy_id: str, settings: Settings, show: Show
) -> Judgement:
    """Judge the statuses of a policy: it is ready when all of them are words of success."""
    id_at, places = endpoint.id_at, endpoint.places
    if other := another_policy(seen, id_at, places, policy_id, show, with_bare_ids=True):
        return Judgement("not_ready", other + _and_error(seen, places, show), "AnotherPolicy")
    success = words_of(settings.success_statuses)
    failure = words_of(settings.failure_statuses) - success
    said = []
    for at in endpoint.status_at:
        value = look_up(at, seen).value
        said.append((word(value), f"the API reports {at} {_shown_value(at, value, show)}", at))
    for found, reported, _ in said:
        if found in failure:
            return Judgement("failed", reported, "PolicyFailed")
    for found, reported, at in said:
        if not found:
            return Judgement("not_ready", f"the answer holds no status at {at}", "MissingStatus")
        if found not in success:
            return Judgement("not_ready", reported)
    if seen.status == 202:
        message = f"{said[-1][1]}, with HTTP 202: not finished"
        return Judgement("not_ready", message, "StatusContradicted")
    if error := _error(seen, places, show):
        message = f"{said[-1][1]}, and its answer says otherwise: {error}"
        return Judgement("not_ready", message, "StatusContradicted")
    return Judgement("ready", said[-1][1])


def judge_confirmation(
    seen: Received, endpoint: Endpoint, confirmation: Confirmation, policy_id: str, show: Show
) -> Judgement:
    """Judge whether an answer confirms the circuit breaker as the description says."""
    id_at, places = endpoint.id_at, endpoint.places
    if other := another_policy(seen, id_at, places, policy_id, show, with_bare_ids=False):
        return Judgement("failed", other + _and_error(seen, places, show), "AnotherPolicy")
    if error := _error(seen, places, show):
        return Judgement("failed", f"the API's answer says failure: {error}", "CircuitRefused")
    at, place = confirmation.at, look_up(confirmation.at, seen)
    if place.state != "found":
        message = f"the circuit breaker is not confirmed: the answer holds nothing at {at}"
        return Judgement("failed", message, "CircuitNotConfirmed")
    reported = f"{at} is {_shown_value(at, place.value, show)}"
    if any(_is_equal(place.value, value) for value in confirmation.values):
        return Judgement("triggered", f"circuit breaker confirmed: {reported}")
    if is_later(word(place.value)):
        return Judgement("accepted", f"{TRIGGER_ACCEPTED} ({reported})", "CircuitAccepted")
    message = f"the circuit breaker is not confirmed: {reported}"
    return Judgement("failed", message, "CircuitNotConfirmed")


def _is_equal(found: Any, wanted: Any) -> bool:
    """Whether a value of an answer is one that confirms; texts are compared as words."""
    if isinstance(found, str) and isinstance(wanted, str):
        return word(found) == word(wanted)
    return isinstance(found, bool) == isinstance(wanted, bool) and bool(found == wanted)


def _and_error(seen: Received, places: Iterable[str], show: Show) -> str:
    """What an answer that names no policy, or another policy, says of a failure."""
    error = _error(seen, places, show)
    return f", and {error}" if error else ""


def _error(seen: Received, places: Iterable[str], show: Show) -> str | None:
    """Find a field of the answer itself that says that the request failed."""
    for level in read_levels(seen.body, places):
        for key, value in level.fields.items() if level.proper else ():
            name = plain(key)
            is_error = name in _ERROR_KEYS and says_something(value)
            is_code = name in HTTP_STATUS and code_says_no(name, word(value))
            if is_error or is_code or (name in _OUTCOME_FLAGS and value is False):
                path = "/" + "/".join(level.at(key))
                return f"{path} is {_shown_value(path, value, show)}"
    return None


def _shown_value(pointer: str, value: Any, show: Show) -> str:
    return REDACTED if any(map(names_secret, segments(pointer))) else show(value)


# --- tables/statements.py
# ruff: noqa: S608  # see above


NOW = "sysdate()"
WALL_CLOCK = "current_timestamp()::timestamp_ntz"
ROWS = "(select parse_json(?) as j) p, lateral flatten(input => p.j) f"

# The columns that a change may set, with the cast from VARIANT; the statement derives the others.
CARRIED_COLUMNS = {
    "policy_id": "::varchar",
    "poll_count": "::number",
    "requires_circuit_breaker": "::boolean",
    "circuit_breaker_initiated": "::boolean",
    "circuit_breaker_completed": "::boolean",
    "api_response": "",
    "policy_status_response": "",
    "circuit_breaker_response": "",
}
EVENT_COLUMNS = {
    "event_id": "::varchar",
    "execution_id": "::varchar",
    "invocation_id": "::varchar",
    "sequence": "::number",
    "step": "::number",
    "attempt": "::number",
    "event": "::varchar",
    "status_before": "::varchar",
    "status_after": "::varchar",
    "policy_id": "::varchar",
    "policy_data": "",
    "http_method": "::varchar",
    "url": "::varchar",
    "http_status": "::number",
    "requests_sent": "::number",
    "duration_ms": "::number",
    "outcome": "::varchar",
    "error_class": "::varchar",
    "message": "::varchar",
    "response": "",
}


def lease_end(lease_seconds: int) -> str:
    """The end of a lease that begins now."""
    return f"dateadd(second, {int(lease_seconds)}, {NOW})"


def expired_condition(retention_minutes: int) -> str:
    """Which rows of the state table `t` are finished, and older than the retention.

    Rows that another program wrote have no "finished_at", and their times are wall clocks.
    """
    minutes = int(retention_minutes)
    return f"""t."completed" = true
  and (
      t."finished_at" < dateadd(minute, -{minutes}, {NOW})
      or (
          t."finished_at" is null
          and coalesce(t."last_poll_time", t."start_time")
            < dateadd(minute, -{minutes}, current_timestamp())::timestamp_ntz
      )
  )"""


def clean_up_sql(state: str, retention_minutes: int) -> str:
    """Delete finished rows older than the retention."""
    return f"""
delete from {state} t
where {expired_condition(retention_minutes)}
"""


def renew_lease_sql(state: str, lease_seconds: int) -> str:
    """Prolong every lease that a run holds."""
    return f"""
update {state}
set "lease_expires_at" = {lease_end(lease_seconds)}
where "invocation_id" = ?
  and "completed" = false
  and "lease_expires_at" is not null
"""


def apply_changes_sql(state: str, lease_seconds: int) -> str:
    """Apply changes, each only where the row has the expected status and lease owner."""
    kept = "\n".join(
        f'    "{column}" = coalesce(s.{column}, t."{column}"),' for column in CARRIED_COLUMNS
    )
    carried = "\n".join(
        f"        f.value:columns:{column}{cast} as {column},"
        for column, cast in CARRIED_COLUMNS.items()
    )
    return f"""
update {state} t
set
{kept}
    "status" = s.status_after,
    "message" = s.message,
    "error_message" = s.error_message,
    "last_sequence" = s.sequence,
    "completed" = s.status_after in ('completed', 'error'),
    "last_poll_time" = case when s.step = 2 then {WALL_CLOCK} else t."last_poll_time" end,
    "polled_at" = case when s.step = 2 then {NOW} else t."polled_at" end,
    "finished_at" = case when s.status_after in ('completed', 'error') then {NOW} end,
    "lease_expires_at" = case
        when s.status_after not in ('completed', 'error') and not s.releases_lease
        then {lease_end(lease_seconds)}
    end
from (
    select
        f.value:execution_id::varchar as execution_id,
{carried}
        f.value:status_before::varchar as status_before,
        f.value:status_after::varchar as status_after,
        f.value:sequence::number as sequence,
        f.value:step::number as step,
        coalesce(f.value:releases_lease::boolean, false) as releases_lease,
        f.value:message::varchar as message,
        f.value:error_message::varchar as error_message
    from {ROWS}
) s
where t."execution_id" = s.execution_id
  and t."status" = s.status_before
  and t."invocation_id" = ?
"""


def cancel_sql(state: str) -> str:
    """Cancel the executions of a list that are not completed; none of them is taken up again."""
    return f"""
update {state} t
set
    "status" = 'error',
    "completed" = true,
    "error_message" = s.message,
    "message" = s.message,
    "invocation_id" = s.invocation_id,
    "lease_expires_at" = null,
    "finished_at" = {NOW},
    "cancelled_at" = {NOW},
    "last_sequence" = coalesce(t."last_sequence", 0) + 1
from (
    select
        f.value:execution_id::varchar as execution_id,
        f.value:message::varchar as message,
        f.value:invocation_id::varchar as invocation_id
    from {ROWS}
) s
where t."execution_id" = s.execution_id
  and t."status" <> 'completed'
  and t."cancelled_at" is null
"""


def append_events_sql(events: str) -> str:
    """Append a list of events."""
    names = ", ".join(f'"{column}"' for column in EVENT_COLUMNS)
    values = ",\n".join(f"    f.value:{column}{cast}" for column, cast in EVENT_COLUMNS.items())
    return f"""
insert into {events} ({names}, "event_time")
select
{values},
    current_timestamp()
from {ROWS}
"""


def release_sql(state: str, *, only_created: bool) -> str:
    """End a run's leases of executions that wait: another run may go on at once.

    Args:
        state: the state table.
        only_created: only of executions that wait for a poll.

    """
    which = """ = 'policy_created'""" if only_created else """ not in ('completed', 'error')"""
    return f"""
update {state}
set "lease_expires_at" = null
where "invocation_id" = ?
  and "status"{which}
"""


# --- tables/breaker_statements.py
# ruff: noqa: S608  # as in statements



# The longest pause between two probes, unless the var says a longer one.
LONGEST_OPEN_SECONDS = 3600


# When the next probe is due: of a probe under way, when its lease ends.
_UNTIL = """case when b."state" = 'half_open' then b."probe_expires_at" else b."retry_at" end"""


def count_breakers_sql(breakers: str) -> str:
    """A relation of one row: how many breakers are not closed, as `not_closed`."""
    return f"""(
    select count(*) as not_closed
    from {breakers} b
    where b."state" <> 'closed'
)"""


def read_breakers_sql(breakers: str) -> str:
    """Read the breakers that are not closed, for `open_breaker_of`."""
    return f"""
select
    b."endpoint",
    b."url",
    to_varchar(b."opened_at", 'YYYY-MM-DD HH24:MI:SS'),
    to_varchar({_UNTIL}, 'YYYY-MM-DD HH24:MI:SS'),
    b."problem",
    datediff(millisecond, {NOW}, {_UNTIL})
from {breakers} b
where b."state" <> 'closed'
"""


def now_sql() -> str:
    """Read the time, as the text that a breaker's times are."""
    return f"select to_varchar({NOW}, 'YYYY-MM-DD HH24:MI:SS')"


def take_probes_sql(breakers: str, probe_seconds: int) -> str:
    """Make a run the prober of endpoints, where a probe is due and no other run probes."""
    return f"""
update {breakers} b
set
    "state" = 'half_open',
    "probe_run" = s.run_id,
    "probe_expires_at" = dateadd(second, {int(probe_seconds)}, {NOW}),
    "changed_at" = {NOW}
from (
    select
        f.value:endpoint::varchar as endpoint,
        f.value:run_id::varchar as run_id
    from {ROWS}
) s
where b."endpoint" = s.endpoint
  and (
      (b."state" = 'open' and b."retry_at" <= {NOW})
      or (b."state" = 'half_open' and b."probe_expires_at" <= {NOW})
  )
"""


def probed_sql(breakers: str) -> str:
    """Read which endpoints a run probes."""
    return f"""
select b."endpoint"
from {breakers} b
where b."probe_run" = ?
  and b."state" = 'half_open'
"""


def open_sql(breakers: str, open_seconds: int) -> str:
    """Open breakers: for the first time for `open_seconds`, after a failed probe for twice as long.

    A breaker that another run has opened stays as it is.
    """
    base, longest = int(open_seconds), max(int(open_seconds), LONGEST_OPEN_SECONDS)
    doubled = f'least(2 * coalesce(t."open_seconds", {base}), {longest})'
    return f"""
merge into {breakers} t
using (
    select
        f.value:endpoint::varchar as endpoint,
        f.value:url::varchar as url,
        f.value:problem::varchar as problem,
        f.value:run_id::varchar as run_id
    from {ROWS}
) s
on t."endpoint" = s.endpoint
when matched
    and t."state" = 'half_open'
    and t."probe_run" = s.run_id
then update set
    "state" = 'open',
    "problem" = s.problem,
    "open_seconds" = {doubled},
    "retry_at" = dateadd(second, {doubled}, {NOW}),
    "probe_run" = null,
    "probe_expires_at" = null,
    "changed_at" = {NOW}
when matched
    and (t."state" = 'closed' or t."url" <> s.url)
then update set
    "state" = 'open',
    "url" = s.url,
    "problem" = s.problem,
    "opened_at" = {NOW},
    "open_seconds" = {base},
    "retry_at" = dateadd(second, {base}, {NOW}),
    "probe_run" = null,
    "probe_expires_at" = null,
    "changed_at" = {NOW}
when not matched then insert (
    "endpoint", "url", "state", "problem", "opened_at", "open_seconds", "retry_at", "changed_at"
)
values (
    s.endpoint, s.url, 'open', s.problem, {NOW}, {base}, dateadd(second, {base}, {NOW}), {NOW}
)
"""


def close_sql(breakers: str) -> str:
    """Close the breaker of an endpoint that a run probes."""
    return f"""
update {breakers}
set
    "state" = 'closed',
    "probe_run" = null,
    "probe_expires_at" = null,
    "changed_at" = {NOW}
where "probe_run" = ?
  and "endpoint" = ?
  and "state" = 'half_open'
"""


def reset_sql(breakers: str) -> str:
    """Close breakers by hand: the one of an endpoint, or all."""
    return f"""
update {breakers}
set
    "state" = 'closed',
    "probe_run" = null,
    "probe_expires_at" = null,
    "changed_at" = {NOW}
where "state" <> 'closed'
  and "endpoint" = coalesce(nullif(?, ''), "endpoint")
"""


# --- tables/database.py
LOCK_CONTENTION = ("000625", "lock timeout", "number of waiters", "lock wait")
# About two minutes in all. Where dozens of runs write one table, the places in the queue for its
# lock are full again and again, and what an API has done must not be lost for that.
LOCK_TRIES = 60
LONGEST_WAIT_SECONDS = 4.0
# Rows that are read at a time: the memory of a step does not grow with the number of executions.
PAGE_SIZE = 500

Result = TypeVar("Result")


class ConflictError(RuntimeError):
    """Another run changed what this transaction was based on; the transaction was rolled back."""


class Database:
    """Runs statements in a procedure's session.

    Args:
        session: the Snowpark session of the procedure.

    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def select(self, statement: str, *bound: str) -> list[Any]:
        """Read rows."""
        return self._session.sql(statement, params=list(bound) or None).collect()

    def select_of(self, statement: str, ids: Iterable[str]) -> Iterator[Any]:
        """Read rows page by page; the statement binds a list of ids."""
        listed = list(ids)
        for start in range(0, len(listed), PAGE_SIZE):
            yield from self.select(statement, to_json(listed[start : start + PAGE_SIZE]))

    def write(self, statement: str, *bound: Any) -> int:
        """Run one statement of a transaction; returns how many rows it changed."""
        params = [value if isinstance(value, str) else to_json(value) for value in bound]
        rows = self._session.sql(statement, params=params or None).collect()
        return int(rows[0][0]) if rows else 0

    def write_contended(self, statement: str, *bound: Any) -> int:
        """Run a statement as a transaction of its own; repeat it when it does not get the lock."""
        return self._contended(partial(self.write, statement, *bound))

    def in_transaction(
        self, work: Callable[[], Result], *, repeats_conflicts: bool = False
    ) -> Result:
        """Run statements in one transaction; repeat the transaction when it does not get the lock.

        Args:
            work: runs the statements.
            repeats_conflicts: whether a ConflictError of `work` repeats the transaction, too.

        Raises:
            ConflictError: by `work`, whose data another run changed; all was rolled back.

        """

        def transaction() -> Result:
            self._session.sql("begin transaction").collect()
            try:
                result = work()
                self._session.sql("commit").collect()
            except BaseException:
                self._session.sql("rollback").collect()
                raise
            return result

        return self._contended(transaction, repeats_conflicts=repeats_conflicts)

    def _contended(self, work: Callable[[], Result], *, repeats_conflicts: bool = False) -> Result:
        """Repeat work that did not get the lock of a table (error 000625)."""
        for tried in range(LOCK_TRIES):
            try:
                return work()
            except (SnowparkSQLException, ConflictError) as error:
                is_conflict = isinstance(error, ConflictError)
                repeats = repeats_conflicts if is_conflict else is_contention(error)
                if tried == LOCK_TRIES - 1 or not repeats:
                    raise
                wait_a_little(tried)
        raise AssertionError  # the loop returns or raises


def is_contention(error: Exception) -> bool:
    """Whether a statement failed because others wait for the same lock."""
    text = str(error).lower()
    return any(sign in text for sign in LOCK_CONTENTION)


def wait_a_little(tried: int) -> None:
    """Wait before another try: longer each time, for a random time unlike that of other runs."""
    time.sleep(random.uniform(0.05, min(0.2 * 2**tried, LONGEST_WAIT_SECONDS)))


# --- tables/history_statements.py
# ruff: noqa: S608  # as in statements



# The columns that are restored, with their expressions. Times come as microseconds of UTC: as texts
# they would have the caller's format.
RESTORED_COLUMNS = {
    "execution_id": "f.value:execution_id::varchar",
    **{name: f"f.value:{name}{cast}" for name, cast in CARRIED_COLUMNS.items()},
    "status": "f.value:status::varchar",
    "start_time": "to_timestamp_ltz(f.value:started::number, 6)::timestamp_ntz",
    "last_poll_time": "to_timestamp_ltz(f.value:polled::number, 6)::timestamp_ntz",
    "polled_at": "to_timestamp_ntz(f.value:polled::number, 6)",
    "completed": "f.value:completed::boolean",
    "error_message": "f.value:error_message::varchar",
    "message": "f.value:message::varchar",
    "policy_data": "f.value:policy_data",
    "invocation_id": "f.value:invocation_id::varchar",
    # The retention time of a restored row begins anew.
    "finished_at": f"case when f.value:completed::boolean then {NOW} end",
    "cancelled_at": "to_timestamp_ntz(f.value:cancelled::number, 6)",
    "last_sequence": "f.value:last_sequence::number",
}

# The columns of an event that are read, in this order, with their expressions.
HISTORY_COLUMNS = {
    **{
        name: f'e."{name}"'
        for name in (
            "execution_id",
            "event",
            "step",
            "attempt",
            "status_after",
            "policy_id",
            "sequence",
            "invocation_id",
            "message",
        )
    },
    "event_time": 'date_part(epoch_microsecond, e."event_time")',
    "policy_data": 'to_json(e."policy_data")',
    "response": 'to_json(e."response")',
}


def read_history_sql(events: str) -> str:
    """Read all events of the executions in a list of ids, in the order of their sequence."""
    columns = ",\n".join(f"    {text}" for text in HISTORY_COLUMNS.values())
    return f"""
select
{columns}
from {events} e
join (select f.value::varchar as execution_id from {ROWS}) s
    on e."execution_id" = s.execution_id
where e."event" <> 'superseded'
order by
    e."execution_id",
    e."sequence"
"""


def restore_sql(state: str) -> str:
    """Insert the rows that are missing, in one statement, so that two runs do not both insert."""
    names = ", ".join(f'"{column}"' for column in RESTORED_COLUMNS)
    values = ", ".join(f"s.{column}" for column in RESTORED_COLUMNS)
    columns = ",\n".join(
        f"        {expression} as {column}" for column, expression in RESTORED_COLUMNS.items()
    )
    return f"""
merge into {state} t
using (
    select
{columns}
    from {ROWS}
) s
on t."execution_id" = s.execution_id
when not matched then insert ({names})
values ({values})
"""


# --- tables/breakers.py
class Breakers:
    """The breakers of the API's endpoints, for one run.

    Args:
        database: the procedure's session.
        settings: the procedure's settings.
        run_id: the id of the run.

    """

    def __init__(self, database: Database, settings: Settings, run_id: str) -> None:
        self._database = database
        self._settings = settings
        self._table = settings.breakers_table
        self._run_id = run_id

    def take_probes(self, endpoints: Collection[str], seconds: int) -> bool:
        """Become the prober of endpoints; returns whether this run probes all of them.

        The write takes the table's lock, and what it did is read in the same transaction: so one
        run of many becomes the prober. A prober that dies is replaced when its lease ends.

        Args:
            endpoints: which requests.
            seconds: how long the lease is.

        """
        rows = [{"endpoint": name, "run_id": self._run_id} for name in sorted(endpoints)]

        def take() -> None:
            self._database.write(take_probes_sql(self._table, seconds), rows)
            mine = self._database.select(probed_sql(self._table), self._run_id)
            if {*endpoints} - {row[0] for row in mine}:
                raise ConflictError("another run probes an endpoint")

        try:
            self._database.in_transaction(take)
        except ConflictError:
            return False
        return True

    def open(self, endpoint: str, url: str, problem: str) -> OpenBreaker:
        """Open the breaker of an endpoint; returns the breaker as the table has it.

        Where somebody has closed the breaker at that moment, what is returned holds for this call.

        Args:
            endpoint: which request it is about.
            url: its address.
            problem: what was seen.

        """
        row = {"endpoint": endpoint, "url": url, "problem": problem, "run_id": self._run_id}
        self._database.write_contended(
            open_sql(self._table, self._settings.breaker_open_seconds), to_json([row])
        )
        if found := self.read().get(endpoint):
            return found
        ((now,),) = self._database.select(now_sql())
        return OpenBreaker(endpoint, url, now, now, problem, 0)

    def read(self) -> Mapping[str, OpenBreaker]:
        """Read the breakers that are not closed, by endpoint."""
        rows = self._database.select(read_breakers_sql(self._table))
        return {row[0]: open_breaker_of(row) for row in rows}

    def close(self, endpoint: str) -> None:
        """Close the breaker of an endpoint that this run probes."""
        self._database.write_contended(close_sql(self._table), self._run_id, endpoint)

    def reset(self, endpoint: str | None) -> list[str]:
        """Close breakers by hand; returns the endpoints whose breakers were not closed.

        Args:
            endpoint: the endpoint; None for all.

        """
        found = [name for name in self.read() if endpoint in (None, name)]
        if found:
            self._database.write_contended(reset_sql(self._table), endpoint or "")
        return sorted(found)


# --- tables/read_statements.py
# ruff: noqa: S608  # as in statements




MOMENT_FORMAT = "YYYY-MM-DD HH24:MI:SS.FF6"


def execution_columns(*, with_policies: bool) -> str:
    """The columns that a step needs; a policy may be long, so only step 1 reads it whole."""
    stored = 'coalesce(t."policy_text", to_json(t."policy_data"))'
    policy = stored if with_policies else "null"
    name = 't."policy_data":policy_name'
    return f"""
    t."execution_id",
    t."status",
    t."policy_id",
    t."poll_count",
    t."invocation_id",
    datediff(millisecond, {NOW}, t."lease_expires_at") as lease_milliseconds,
    t."last_sequence",
    t."cancelled_at" is not null as cancelled,
    {policy} as policy_data,
    to_json(t."api_response":execution_id) as api_execution_id,
    t."circuit_breaker_initiated" as announced,
    case when typeof({name}) = 'VARCHAR' then left({name}::varchar, 200) end as policy_name"""


def read_sql(state: str, *, with_policies: bool) -> str:
    """Read the rows of the executions in a list of ids."""
    return f"""
select{execution_columns(with_policies=with_policies)}
from {state} t
join (select f.value::varchar as execution_id from {ROWS}) s
    on t."execution_id" = s.execution_id
"""


def owned_sql(
    state: str, breakers: str, limit: int, *, with_policies: bool, unpolled: bool = False
) -> str:
    """Read a page of the executions that a run owns at a status, after an execution_id.

    The last two columns are how many breakers are not closed, and the time of the statement.

    Args:
        state: the state table.
        breakers: the table of breakers.
        limit: how many rows at most.
        with_policies: whether to read the policies.
        unpolled: only those that were not polled since a time that the statement binds.

    """
    condition = (
        f"""
  and (t."polled_at" is null or t."polled_at" < to_timestamp_ntz(?, '{MOMENT_FORMAT}'))"""
        if unpolled
        else ""
    )
    return f"""
with breakers_now as {count_breakers_sql(breakers)}
select{execution_columns(with_policies=with_policies)},
    k.not_closed,
    to_varchar({NOW}, '{MOMENT_FORMAT}') as now
from {state} t
cross join breakers_now k
where t."invocation_id" = ?
  and t."status" = ?
  and t."lease_expires_at" is not null
  and t."execution_id" > ?{condition}
order by t."execution_id"
limit {int(limit)}
"""


# An outcome of a request which says that the API did not process the request. A server that is
# away (503, 408), a gateway that gave up (499, 460), a redirect and a refusal with HTTP 2xx say
# nothing of that kind, and the last answer says nothing of an earlier try.
_NOT_PROCESSED = f"""(
    e."outcome" is null
    or (
        coalesce(e."message", '') not like '%{EARLIER_TRY}%'
        and (
            (
                e."outcome" = 'unavailable'
                and (
                    coalesce(e."http_status", 0) not in (408, 503)
                    or e."error_class" = '{API_BUSY}'
                )
            )
            or (
                e."outcome" = 'rejected'
                and (
                    coalesce(e."requests_sent", 0) = 0
                    or (e."http_status" between 400 and 498 and e."http_status" <> 460)
                )
            )
        )
    )
)"""


def in_doubt_sql(events: str, announcements: str, event: str, step: int) -> str:
    """Read which executions of a list may have a request at the API whose outcome nobody knows.

    An announcement is in doubt until the same run records that its request was not processed, or
    not sent, or until a person allows a repetition: what another run was told is about another
    request. The run that carries out the decision sends its request afterwards.

    Args:
        events: the events table.
        announcements: a condition on `e`: which events announce a request.
        event: the event that records the outcome of a request, or that none was sent.
        step: the step of the request.

    """
    return f"""
with marks as (
    select
        e."execution_id" as execution_id,
        e."invocation_id" as run,
        max(case when {announcements} then e."sequence" end) as announced,
        max(
            case
                when e."event" = '{event}' and {_NOT_PROCESSED} then e."sequence"
                when e."event" = '{HELD_BACK}' and e."step" = {int(step)} then e."sequence"
            end
        ) as refused,
        max(case when e."event" = '{REPEAT_ALLOWED}' then e."sequence" end) as allowed
    from {events} e
    join (select f.value::varchar as execution_id from {ROWS}) s
        on e."execution_id" = s.execution_id
    where e."event" <> 'superseded'
    group by
        e."execution_id",
        e."invocation_id"
),
decided as (
    select
        m.execution_id,
        case
            when m.announced is not null
            then greatest(m.announced, coalesce(m.allowed, 0) + 1)
        end as announced,
        m.refused,
        max(m.allowed) over (partition by m.execution_id) as allowed
    from marks m
)
select distinct d.execution_id
from decided d
where d.announced > coalesce(d.refused, 0)
  and d.announced > coalesce(d.allowed, 0)
"""


def sent_otherwise(mark: str) -> str:
    """Which events `e` announce a request of which the API would not know a repetition now.

    Args:
        mark: the end of the messages that announce the request now (see repetition_mark).

    """
    if not mark:
        unlike = (f"%{WITHOUT_KEY}", f"%{ANNOUNCES}", f"%{REPETITION}%")
        return "(" + " or ".join(f"""e."message" like '{end}'""" for end in unlike) + ")"
    return f"""coalesce(e."message", '') not like '%{mark}'"""


def announcement_condition(announcement: str, mark: str | None) -> str:
    """Which events announce a request: all, or those of requests that were sent otherwise."""
    otherwise = "" if mark is None else f"and {sent_otherwise(mark)}"
    return f"""(e."event" = '{announcement}' {otherwise})"""


def claim_condition(run_id: str, mark: str | None) -> str:
    """Which claims of other runs than this one may have led to a create that was not announced.

    Args:
        run_id: this run; its id has letters, digits, _ and - only (see request).
        mark: count only creates that were sent otherwise; None to count all.

    """
    otherwise = "" if mark is None else f"and {sent_otherwise(mark)}"
    return f"""(
            e."event" in ('claimed', 'resumed')
            and e."status_after" = '{PENDING}'
            and coalesce(e."message", '') not like '%{ANNOUNCES}'
            {otherwise}
            and e."invocation_id" <> '{run_id}'
        )"""


def due_sql(state: str, poll_interval_seconds: int, limit: int) -> str:
    """Read the ids of open executions without a live lease whose next step is due, oldest first.

    A poll is due when the interval has passed since the last poll. The other steps are always due.
    """
    return f"""
select t."execution_id"
from {state} t
where t."completed" = false
  and (t."lease_expires_at" is null or t."lease_expires_at" <= {NOW})
  and (
      t."status" <> 'policy_created'
      or t."polled_at" is null
      or t."polled_at" <= dateadd(second, -{int(poll_interval_seconds)}, {NOW})
  )
order by
    t."start_time",
    t."execution_id"
limit {int(limit)}
"""


def execution_of(row: Sequence[Any]) -> Execution:
    """Make an execution of a row that a statement above has read."""
    return Execution(
        execution_id=row[0],
        status=row[1],
        policy_id=row[2],
        poll_count=int(row[3] or 0),
        invocation_id=row[4],
        lease_seconds=None if row[5] is None else int(row[5]) / 1000,
        sequence=int(row[6] or 0),
        cancelled=bool(row[7]),
        policy_json=row[8],
        api_execution_id=parsed(row[9]),
        announced=bool(row[10]),
        policy_name=row[11],
    )


# --- tables/claim_statements.py
# ruff: noqa: S608  # as in statements



_WANTED = f"select f.value::varchar as execution_id from {ROWS}"


def record_run_sql(runs: str) -> str:
    """Record the executions of a run; a CALL that a client sends twice records them once."""
    return f"""
insert into {runs} ("run_id", "execution_id", "position", "recorded_at")
select
    s.item:run_id::varchar,
    s.item:execution_id::varchar,
    s.item:position::number,
    {NOW}
from (select f.value as item from {ROWS}) s
left join {runs} r
    on s.item:run_id::varchar = r."run_id"
    and s.item:execution_id::varchar = r."execution_id"
where r."run_id" is null
"""


def refuse_sql(runs: str) -> str:
    """Note why a run does not process some of its executions."""
    return f"""
update {runs} r
set "problem" = s.problem
from (
    select
        f.value:run_id::varchar as run_id,
        f.value:execution_id::varchar as execution_id,
        f.value:problem::varchar as problem
    from {ROWS}
) s
where r."run_id" = s.run_id
  and r."execution_id" = s.execution_id
"""


def members_sql(runs: str) -> str:
    """Read the ids of a run's executions, in their order."""
    return f"""
select r."execution_id"
from {runs} r
where r."run_id" = ?
  and r."problem" is null
order by r."position"
"""


def free_members_sql(runs: str, state: str) -> str:
    """Read the ids of a run's executions that are not over and have no live lease."""
    return f"""
select r."execution_id"
from {runs} r
left join {state} t
    on r."execution_id" = t."execution_id"
where r."run_id" = ?
  and r."problem" is null
  and coalesce(t."completed", false) = false
  and (t."lease_expires_at" is null or t."lease_expires_at" <= {NOW})
order by r."position"
"""


def look_sql(
    state: str,
    events: str,
    breakers: str,
    retention_minutes: int,
    mark: str,
    *,
    with_policies: bool,
) -> str:
    """Read the status of executions from their rows, or from their events when a row is gone.

    The last two columns are the same in each row: how many breakers are not closed, and how many
    finished rows are older than the retention. `mark` is as for sent_otherwise.
    """
    known = 'coalesce(t."policy_text", to_json(t."policy_data"))'
    stored = known if with_policies else "null"
    otherwise = sent_otherwise(mark)
    if mark:
        otherwise += """ and e."event" in ('claimed', 'resumed', 'create_initiated')"""
    claimed = 'case when e."event" = \'claimed\' then to_json(e."policy_data") end'
    return f"""
with breakers_now as {count_breakers_sql(breakers)},
expired_now as (
    select count(*) as expired
    from {state} t
    where {expired_condition(retention_minutes)}
),
wanted as ({_WANTED})
select
    w.execution_id,
    t."execution_id" is not null as has_row,
    coalesce(t."status", h.status) as status,
    t."cancelled_at" is not null or coalesce(h.cancelled, 0) = 1 as cancelled,
    t."last_sequence",
    coalesce({stored}, h.policy) as policy,
    coalesce(h.sent_otherwise, 0) = 1 as sent_otherwise,
    k.not_closed,
    x.expired
from wanted w
cross join breakers_now k
cross join expired_now x
left join {state} t
    on w.execution_id = t."execution_id"
left join (
    select
        e."execution_id" as execution_id,
        max_by(e."status_after", e."sequence") as status,
        max(case when e."event" = 'cancelled' then 1 else 0 end) as cancelled,
        max(case when {otherwise} then 1 else 0 end) as sent_otherwise,
        max({claimed if with_policies else "null"}) as policy
    from {events} e
    join wanted l
        on e."execution_id" = l.execution_id
    where e."event" <> 'superseded'
      and e."status_after" is not null
    group by e."execution_id"
) h
    on w.execution_id = h.execution_id
"""


def claim_sql(state: str, lease_seconds: int) -> str:
    """Take over the rows without a live lease, and insert the new rows.

    A row is taken when it is neither completed nor cancelled, and this run owns it or no lease is
    live. With `takes_failed` a failed row is taken, too, and goes back to the status at which its
    failed step starts. A restored row gets the text of its policy, when the text is given.
    """
    return f"""
merge into {state} t
using (
    select
        f.value:execution_id::varchar as execution_id,
        f.value:policy_text::varchar as policy_text,
        parse_json(f.value:policy_text::varchar) as policy_data,
        f.value:invocation_id::varchar as invocation_id,
        coalesce(f.value:is_new::boolean, false) as is_new,
        coalesce(f.value:takes_failed::boolean, false) as takes_failed
    from {ROWS}
) s
on t."execution_id" = s.execution_id
when matched
    and t."status" <> 'completed'
    and (t."status" <> 'error' or s.takes_failed)
    and t."cancelled_at" is null
    and (
        t."invocation_id" = s.invocation_id
        or t."lease_expires_at" is null
        or t."lease_expires_at" <= {NOW}
    )
then update set
    "invocation_id" = s.invocation_id,
    "lease_expires_at" = {lease_end(lease_seconds)},
    "last_sequence" = coalesce(t."last_sequence", 0) + 1,
    "poll_count" = case
        when t."status" = 'error' and not coalesce(t."requires_circuit_breaker", false)
        then 0
        else t."poll_count"
    end,
    "policy_text" = coalesce(t."policy_text", s.policy_text),
    "completed" = false,
    "finished_at" = null,
    "error_message" = null,
    "message" = 'taken up again',
    "status" = case
        when t."status" <> 'error' then t."status"
        when t."requires_circuit_breaker" then 'policy_ready'
        when t."policy_id" is not null then 'policy_created'
        else 'pending'
    end
when not matched and s.is_new then insert (
    "execution_id", "poll_count", "status", "start_time", "completed",
    "requires_circuit_breaker", "circuit_breaker_initiated", "circuit_breaker_completed",
    "message", "policy_data", "policy_text", "invocation_id", "lease_expires_at", "last_sequence"
)
values (
    s.execution_id, 0, 'pending', {WALL_CLOCK}, false,
    false, false, false,
    'claimed', s.policy_data, s.policy_text, s.invocation_id,
    {lease_end(lease_seconds)}, 1
)
"""


def claimed_events_sql(state: str, events: str) -> str:
    """Append the event of each new execution, where its row is the only one and has no event yet.

    So the number of appended events says whether each claim is sound, without another read.
    """
    names = ", ".join(f'"{column}"' for column in EVENT_COLUMNS)
    values = ",\n".join(f"    s.{column}" for column in EVENT_COLUMNS)
    carried = ",\n".join(
        f"        f.value:{column}{cast} as {column}" for column, cast in EVENT_COLUMNS.items()
    )
    return f"""
insert into {events} ({names}, "event_time")
select
{values},
    current_timestamp()
from (
    select
{carried}
    from {ROWS}
) s
join {state} t
    on s.execution_id = t."execution_id"
where not exists (
    select 1
    from {events} e
    where e."execution_id" = s.execution_id
)
qualify count(*) over (partition by s.execution_id) = 1
"""


def claimed_sql(state: str, events: str) -> str:
    """Read executions in the transaction of their claim, and whether they have any events."""
    return f"""
with wanted as ({_WANTED})
select{execution_columns(with_policies=False)},
    h.execution_id is not null as has_events
from {state} t
join wanted w
    on t."execution_id" = w.execution_id
left join (
    select distinct e."execution_id" as execution_id
    from {events} e
    join wanted l
        on e."execution_id" = l.execution_id
) h
    on t."execution_id" = h.execution_id
"""


# --- tables/policy_source.py
IDENTIFIER = r'(?:[A-Za-z_][A-Za-z0-9_$]*|"[^"]+")'
RELATION = re.compile(rf"{IDENTIFIER}(?:[.]{IDENTIFIER}){{2}}")
# All policies of a relation stay in memory, as text, until they are claimed. A procedure has a few
# GB of memory; more policies are better run in parts.
MAX_CHARACTERS = 100_000_000


class SourceError(Exception):
    """The relation cannot be read, or is no list of policies; the message says why."""


@dataclass
class PolicySource:
    """The policies of a relation, as JSON text by execution_id, and the problems of its rows."""

    policies: dict[str, str] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)
    invalid: int = 0

    def refuse(self, row: int, execution_id: str | None, problem: str) -> None:
        """Note a row that is no policy, without its content; the first LISTED rows are listed."""
        self.invalid += 1
        if len(self.problems) < LISTED:
            self.problems.append({"row": row, "execution_id": execution_id, "problem": problem})


def read_policy_source(
    session: Session, relation: str, invocation_id: str, max_policy_characters: int
) -> PolicySource:
    """Read and check all rows; nothing is written or sent.

    Args:
        session: the procedure's Snowpark session; its owner must have the right to read.
        relation: a fully qualified name. The column `policy_data` (VARIANT, OBJECT or text) holds
            the policies; the optional column `execution_id` holds their ids.
        invocation_id: a row without an execution_id gets an id of this and its number.
        max_policy_characters: the most characters that one policy may have as JSON.

    Raises:
        SourceError: when this role cannot read the relation, or the relation has no such column,
            or holds more than MAX_CHARACTERS.

    """
    if not RELATION.fullmatch(relation):
        raise SourceError(f"not a fully qualified name: {relation[:200]}")
    found = PolicySource()
    characters = 0
    for number, (text, given_id) in enumerate(_rows(session, relation), 1):
        legal_id = None
        try:
            execution_id = read_execution_id(given_id or f"{invocation_id}-{number}")
            legal_id = execution_id if given_id else None
            if execution_id in found.policies:
                found.refuse(number, legal_id, "its execution_id stands twice")
                continue
            policy = _checked(text, max_policy_characters)
        except ValueError as error:
            found.refuse(number, legal_id, str(error)[:200])
            continue
        found.policies[execution_id] = policy
        characters += len(policy)
        if characters > MAX_CHARACTERS:
            raise SourceError(
                f"it holds more than {MAX_CHARACTERS} characters of policies; run it in parts, "
                "each a view with a condition of its own"
            )
    return found


def _checked(text: str | None, max_characters: int) -> str:
    if text is None:
        raise ValueError("policy_data is NULL")
    if len(text) > max_characters:
        raise ValueError(
            f"policy_data has {len(text)} characters; the var policy_max_policy_characters "
            f"allows {max_characters}"
        )
    try:
        problem = policy_problem(parse_strictly(text))
    except RecursionError:
        problem = f"is nested over {MAX_POLICY_DEPTH} levels deep"
    except ValueError as error:
        raise ValueError(f"policy_data is not JSON: {error}") from error
    if problem:
        raise ValueError(f"policy_data {problem}")
    return text


def _rows(session: Session, relation: str) -> Iterator[tuple[str | None, str | None]]:
    # The relation's name was checked; the names of columns come from the relation itself.
    try:
        columns = {
            column.name.strip('"').lower(): column
            for column in session.sql(f"select * from {relation}").schema.fields  # noqa: S608
        }
        policy = columns.get("policy_data")
        if policy is None:
            raise SourceError("it has no column policy_data")
        text = _as_text(policy.name, policy.datatype)
        own = columns.get("execution_id")
        id_ = f"{own.name}::varchar" if own else "null"
        rows = session.sql(f"select {text}, {id_} from {relation}")  # noqa: S608
        for row in rows.collect():
            yield row[0], row[1]
    except SnowparkSQLException as error:
        text = re.sub(r"^\(\d+\): ", "", str(error))[:500].rstrip(".")
        raise SourceError(text) from error


def _as_text(column: str, kind: DataType) -> str:
    if isinstance(kind, StringType):
        return column
    if isinstance(kind, VariantType | MapType):
        return f"to_json({column})"
    raise SourceError(
        f"its column policy_data is a {type(kind).__name__.removesuffix('Type').upper()}; it must "
        "be VARIANT, OBJECT or text"
    )


# --- tables/restoring.py
def restore(
    database: Database, settings: Settings, execution_ids: Sequence[str]
) -> list[dict[str, Any]]:
    """Insert the missing rows of executions; returns all the rows as their events define them.

    The retention time of a restored row begins anew. This runs inside a transaction of the caller.
    """
    found = database.select(read_history_sql(settings.events_table), to_json(execution_ids))
    rows = rows_of_history([dict(zip(HISTORY_COLUMNS, row, strict=True)) for row in found])
    for part in parts(rows):
        database.write(restore_sql(settings.state_table), part)
    return rows


# --- tables/execution_state.py
WITHHELD = "not sent: the execution was cancelled, or another run has taken it over"

Row = dict[str, Any]


class Page(NamedTuple):
    """Executions that this run owned at `since`, and the seconds left of the shortest lease.

    `since` is a `time.monotonic()`.
    """

    executions: list[Execution]
    since: float
    lease_seconds: float


class Owned(NamedTuple):
    """The ids that this run still owned at `since`, and the seconds left of the shortest lease."""

    execution_ids: set[str]
    since: float
    lease_seconds: float


class ExecutionState:
    """Reads and writes both tables for one run.

    Args:
        database: the session of the procedure.
        settings: the procedure's settings; the names of tables in them are fully qualified.
        run_id: the id of the run; only rows that this run owns are written.

    """

    def __init__(self, database: Database, settings: Settings, run_id: str) -> None:
        self._database = database
        self._settings = settings
        self._run_id = run_id
        self._state = settings.state_table
        self._events = settings.events_table
        self._lease_seconds = settings.lease_seconds
        self.breakers = Breakers(database, settings, run_id)
        # Whether a breaker is not closed, as the last read of executions saw it.
        self.sees_open_breakers = False
        # The time of the first read.
        self.read_at: str | None = None

    def clean_up(self, retention_minutes: int) -> int:
        """Delete finished rows older than the retention; their events stay."""
        return self._database.write_contended(clean_up_sql(self._state, retention_minutes))

    def read(
        self, execution_ids: Iterable[str], *, with_policies: bool = False
    ) -> Iterator[Execution]:
        """Read the rows of these executions, page by page."""
        statement = read_sql(self._state, with_policies=with_policies)
        yield from map(execution_of, self._database.select_of(statement, execution_ids))

    def owned(
        self,
        status: str,
        *,
        just_claimed: Page | None = None,
        with_policies: bool = False,
        unpolled_since: str | None = None,
    ) -> Iterator[Page]:
        """Read the executions that this run owns at a status, page by page.

        A page is read when the caller asks for it, so that memory does not grow with the number of
        executions. Where little is left of a lease, the leases are renewed first.

        Args:
            status: the status of the executions.
            just_claimed: all these executions, when they were claimed a moment ago; then the table
                is not read again.
            with_policies: whether to read the policies, too.
            unpolled_since: only executions that were not polled since this time, text in UTC.

        """
        if just_claimed is not None:
            rows = [row for row in just_claimed.executions if row.status == status]
            if rows:
                yield just_claimed._replace(executions=rows)
            return
        statement = owned_sql(
            self._state,
            self._settings.breakers_table,
            PAGE_SIZE,
            with_policies=with_policies,
            unpolled=unpolled_since is not None,
        )
        also = [] if unpolled_since is None else [unpolled_since]
        last, full = "", True
        while full:
            since = time.monotonic()
            found = self._database.select(statement, self._run_id, status, last, *also)
            if found:
                self.sees_open_breakers = bool(found[0][-2])
                self.read_at = self.read_at or found[0][-1]
            full = len(found) == PAGE_SIZE
            last = found[-1][0] if found else last
            rows = [execution_of(row) for row in found]
            page = Page(rows, since, self._shortest(rows))
            if self._is_little(page.lease_seconds):
                owned = self.still_owned([row.execution_id for row in rows])
                rows = [row for row in rows if row.execution_id in owned.execution_ids]
                page = Page(rows, owned.since, owned.lease_seconds)
            if page.executions:
                yield page

    def still_owned(self, execution_ids: Iterable[str]) -> Owned:
        """Read which executions this run still owns; renews the leases when little is left."""
        ids = list(execution_ids)
        rows, since = self._owned(ids)
        if self._is_little(self._shortest(rows)):
            self.renew_lease()
            rows, since = self._owned(ids)
        rows = [row for row in rows if (row.lease_seconds or 0) > 0]
        return Owned({row.execution_id for row in rows}, since, self._shortest(rows))

    def _owned(self, ids: list[str]) -> tuple[list[Execution], float]:
        since = time.monotonic()
        return [row for row in self.read(ids) if self.owns_lease(row)], since

    def _shortest(self, rows: Sequence[Execution]) -> float:
        return min((row.lease_seconds or 0 for row in rows), default=self._lease_seconds)

    def _is_little(self, lease_seconds: float) -> bool:
        return lease_seconds < self._lease_seconds * 2 / 3

    def creates_in_doubt(self, execution_ids: Iterable[str], mark: str | None) -> set[str]:
        """Read which executions may have a create at the API whose outcome nobody knows.

        A claim of a pending execution counts as an announcement, unless its run announces each
        create: the create was perhaps sent, as the API was described otherwise then.

        Args:
            execution_ids: the executions.
            mark: count only creates whose repetition the API would not know, as it is described
                now (see repetition_mark); None to count all.

        """
        announced = announcement_condition(CREATE_INITIATED, None)
        claimed = claim_condition(self._run_id, mark)
        statement = in_doubt_sql(self._events, f"({announced} or {claimed})", "create_policy", 1)
        return {row[0] for row in self._database.select_of(statement, execution_ids)}

    def triggers_in_doubt(self, execution_ids: Iterable[str], mark: str | None) -> set[str]:
        """Read which executions may have a circuit breaker whose outcome nobody knows.

        Args:
            execution_ids: the executions.
            mark: as for `creates_in_doubt`.

        """
        announced = announcement_condition(CIRCUIT_BREAKER_INITIATED, mark)
        statement = in_doubt_sql(self._events, announced, "trigger_circuit_breaker", 3)
        return {row[0] for row in self._database.select_of(statement, execution_ids)}

    def due(self, poll_interval_seconds: int, limit: int) -> list[str]:
        """Read the ids of open executions without a live lease whose next step is due."""
        found = self._database.select(due_sql(self._state, poll_interval_seconds, limit))
        return [row[0] for row in found]

    def release(self, *, everything: bool = False) -> None:
        """End the leases of executions that wait for a poll: another run may go on at once.

        Args:
            everything: whether also those end that wait for another step; nothing is under way.

        """
        statement = release_sql(self._state, only_created=not everything)
        self._database.write_contended(statement, self._run_id)

    def owns_lease(self, row: Execution) -> bool:
        """Whether this run owns the lease of an execution."""
        return row.invocation_id == self._run_id and not row.cancelled

    def renew_lease(self) -> None:
        """Prolong the lease of every open execution of this run."""
        self._database.write_contended(
            renew_lease_sql(self._state, self._lease_seconds), self._run_id
        )

    def record(self, changes: Sequence[Change]) -> set[str]:
        """Write changes and their events; returns the executions whose changes were applied.

        A change is applied when its row still has the expected status and this run still owns the
        lease. Otherwise the row stays as it is, and an event says so.
        """
        applied: set[str] = set()
        for part in parts(changes, lambda change: change.state_row()):
            applied |= self._recorded(part)
            reached(f"after_write_of_{part[0].event}")
        return applied

    def _recorded(self, changes: Sequence[Change]) -> set[str]:
        """Write changes in one short transaction, also when the table refuses one of them.

        Every table can hold the answers of the changes. A change that this account still refuses is
        found by halving the list, and is written without its answer; the others are written whole.
        """
        try:
            return self._database.in_transaction(partial(self._record, changes))
        except SnowparkSQLException as error:
            if is_contention(error):
                raise
            if len(changes) > 1:
                half = len(changes) // 2
                return self._recorded(changes[:half]) | self._recorded(changes[half:])
            bare = [changes[0].without_answer(f"the table refuses the answer: {error}")]
            return self._database.in_transaction(partial(self._record, bare))

    def _record(self, changes: Sequence[Change]) -> set[str]:
        event = changes[0].event
        reached(f"before_write_of_{event}")
        updated = self._database.write(
            apply_changes_sql(self._state, self._lease_seconds),
            [change.state_row() for change in changes],
            self._run_id,
        )
        reached(f"in_write_of_{event}")
        applied = {change.execution_id for change in changes}
        if updated != len(changes):
            applied = self._applied(changes)
        self.append(
            [
                change.event_row(self._run_id, applied=change.execution_id in applied)
                for change in changes
            ]
        )
        return applied

    def _applied(self, changes: Sequence[Change]) -> set[str]:
        now = {row.execution_id: row for row in self.read(c.execution_id for c in changes)}
        return {
            change.execution_id
            for change in changes
            if (row := now.get(change.execution_id))
            and self.owns_lease(row)
            and row.status == change.status_after
            and row.sequence == change.execution.sequence + 1
        }

    def withhold(self, executions: Sequence[Execution], step: int) -> None:
        """Append an event for each request that was not sent, as this run lost its execution."""
        self.append(
            [
                event_row(
                    row.execution_id,
                    self._run_id,
                    row.sequence + 1,
                    SUPERSEDED,
                    status_before=row.status,
                    step=step,
                    policy_id=row.policy_id,
                    message=WITHHELD,
                )
                for row in executions
            ]
        )

    def cancel(self, execution_id: str, before: Execution | None, message: str) -> bool:
        """Cancel an execution for good, also when retention has removed its row.

        Args:
            execution_id: the execution.
            before: its row as it was a moment ago; None without a row.
            message: the reason.

        Returns:
            Whether the execution was there to be cancelled.

        """

        def write() -> bool:
            wanted = {
                "execution_id": execution_id,
                "message": message,
                "invocation_id": self._run_id,
            }
            statement, status = cancel_sql(self._state), before.status if before else None
            done = self._database.write(statement, [wanted])
            if not done and not list(self.read([execution_id])):
                history = restore(self._database, self._settings, [execution_id])
                status = history[0].get("status") if history else None
                done = self._database.write(statement, [wanted]) if history else 0
            rows = list(self.read([execution_id]))
            if len(rows) > 1:
                raise ConflictError(f"another run restored execution {execution_id}")
            for now in rows if done else []:
                event = event_row(
                    execution_id,
                    self._run_id,
                    now.sequence,
                    "cancelled",
                    status_before=status,
                    status_after=now.status,
                    policy_id=now.policy_id,
                    message=message,
                    error_class="Cancelled",
                )
                self.append([event])
            return done > 0

        return self._database.in_transaction(write, repeats_conflicts=True)

    def append(self, events: Sequence[Row]) -> None:
        """Append events."""
        for part in parts(events):
            self._database.write(append_events_sql(self._events), part)


# --- tables/claiming.py
# A policy from the caller: JSON, JSON text, or None to resume an execution that is there.
Given = dict[str, Any] | str | None
OTHER_POLICY = "the execution exists with another policy_data; the one given here was not sent"


class DuplicateExecutionError(ConflictError):
    """An execution_id stands twice in the state table."""


@dataclass(frozen=True)
class Seen:
    """An execution at the last look: from its row, or from its events when it has no row.

    `status` is None for an execution that nobody has begun. `policy_json` is the stored policy.
    `sent_otherwise` says whether a run began it when the API was described otherwise, so that the
    API would not know a repetition of its create.
    """

    has_row: bool
    status: str | None
    cancelled: bool
    sequence: int
    policy_json: str | None
    sent_otherwise: bool = False

    @property
    def is_new(self) -> bool:
        """Whether the execution has neither a row nor an event."""
        return not self.has_row and self.status is None

    @property
    def is_over(self) -> bool:
        """Whether the execution is completed or cancelled: no run takes it up again."""
        return self.status == COMPLETED or self.cancelled


class Claims:
    """Records and claims the executions of a run.

    Args:
        database: the procedure's session.
        settings: the procedure's settings.
        state: the tables, for this run.
        run_id: the id of the run.

    """

    def __init__(
        self, database: Database, settings: Settings, state: ExecutionState, run_id: str
    ) -> None:
        self._database = database
        self._settings = settings
        self._state = state
        self._run_id = run_id
        # How many finished rows are older than the retention, as the last look saw it.
        self.expired = 0
        description = read_description(settings.api)
        self._mark = (
            "" if description.announces_creates else repetition_mark(description.create.repetition)
        )
        self._announces = ANNOUNCES if description.announces_creates else self._mark

    def record(self, execution_ids: Sequence[str]) -> None:
        """Record which executions this run is for: all of them, or none when this fails."""
        rows = [
            {"run_id": self._run_id, "execution_id": id_, "position": position}
            for position, id_ in enumerate(execution_ids, 1)
        ]
        statement = record_run_sql(self._settings.runs_table)
        cut = list(parts(rows))
        if len(cut) == 1:
            self._database.write_contended(statement, cut[0])
        else:
            self._database.in_transaction(
                lambda: [self._database.write(statement, part) for part in cut]
            )

    def members(self, run_id: str) -> list[str]:
        """Read which executions a run is for."""
        found = self._database.select(members_sql(self._settings.runs_table), run_id)
        return [row[0] for row in found]

    def free_members(self) -> list[str]:
        """Read the executions of this run that are not over and have no live lease."""
        statement = free_members_sql(self._settings.runs_table, self._settings.state_table)
        return [row[0] for row in self._database.select(statement, self._run_id)]

    def look(self, given: Mapping[str, Given] | Sequence[str]) -> dict[str, Seen]:
        """Read the status of executions, and the stored policies where policies are given."""
        policies = given if isinstance(given, Mapping) else {}
        statement = look_sql(
            self._settings.state_table,
            self._settings.events_table,
            self._settings.breakers_table,
            self._settings.retention_minutes,
            self._mark,
            with_policies=any(policy is not None for policy in policies.values()),
        )
        found = {}
        for row in self._database.select_of(statement, given):
            self._state.sees_open_breakers = bool(row[7])
            self.expired = int(row[8])
            found[row[0]] = Seen(
                bool(row[1]), row[2], bool(row[3]), int(row[4] or 0), row[5], bool(row[6])
            )
        return found

    def refuse(self, problems: Mapping[str, str]) -> None:
        """Note why this run does not process some of its executions."""
        rows = [
            {"run_id": self._run_id, "execution_id": id_, "problem": problem}
            for id_, problem in problems.items()
        ]
        for part in parts(rows):
            self._database.write_contended(refuse_sql(self._settings.runs_table), part)

    def claim(
        self, given: Mapping[str, Given], seen: Mapping[str, Seen], *, takes_failed: bool
    ) -> Iterator[list[Execution]]:
        """Claim executions part by part, with an event for each; yields the rows of this run.

        An execution is left as it is when it is over, or when another run owns its lease. When
        another run has just begun an execution with another policy, this is noted in the run's set.
        Leases are renewed while a long list is claimed.

        Args:
            given: the policies; None for an execution that is only resumed.
            seen: the executions at the last look.
            takes_failed: whether failed executions are taken up.

        Raises:
            DuplicateExecutionError: when an execution_id stands twice.

        """
        reached("before_claim")
        if over := [id_ for id_ in given if seen[id_].is_over and not seen[id_].has_row]:
            # Only so that people find them in the table; these executions are not processed.
            restoring = partial(restore, self._database, self._settings, over)
            self._database.in_transaction(restoring)
        renewed = time.monotonic()
        for part in parts(self._wanted(given, seen, takes_failed=takes_failed)):
            yield self._claim_part(part, given, seen, takes_failed=takes_failed)
            if time.monotonic() - renewed > self._settings.lease_seconds / 3:
                self._state.renew_lease()
                renewed = time.monotonic()
        reached("after_claim")

    def _wanted(
        self, given: Mapping[str, Given], seen: Mapping[str, Seen], *, takes_failed: bool
    ) -> Iterator[dict[str, Any]]:
        for id_, policy in given.items():
            then = seen[id_]
            is_left = then.is_over or (then.status == ERROR and not takes_failed)
            if is_left or (then.is_new and policy is None):
                continue
            row: dict[str, Any] = {"execution_id": id_, "invocation_id": self._run_id}
            if takes_failed:
                row["takes_failed"] = True
            if then.is_new:
                row |= {"is_new": True, "policy_text": policy_text(policy)}
            elif not then.has_row and policy is not None:
                # The history keeps the policy's value; the row gets the policy's text again.
                row["policy_text"] = policy_text(policy)
            yield row

    def _claim_part(
        self,
        part: list[dict[str, Any]],
        given: Mapping[str, Given],
        seen: Mapping[str, Seen],
        *,
        takes_failed: bool,
    ) -> list[Execution]:
        """Claim a part of a list; when another run was first, look again and repeat."""
        for tried in range(LOCK_TRIES):
            try:
                return self._database.in_transaction(partial(self._claim, part, seen))
            except ConflictError:
                if tried == LOCK_TRIES - 1:
                    raise
                wait_a_little(tried)
            policies = {row["execution_id"]: given[row["execution_id"]] for row in part}
            seen = self.look(policies)
            others = differing(policies, seen)
            self.refuse(dict.fromkeys(others, OTHER_POLICY))
            left = {id_: policy for id_, policy in policies.items() if id_ not in others}
            part = list(self._wanted(left, seen, takes_failed=takes_failed))
            if not part:
                return []
        raise AssertionError  # the loop returns or raises

    def _claim(self, wanted: Sequence[dict[str, Any]], seen: Mapping[str, Seen]) -> list[Execution]:
        by_id = {row["execution_id"]: row for row in wanted}
        ids = list(by_id)
        if all(seen[id_].is_new for id_ in ids):
            return self._claim_new(wanted)
        statement = claim_sql(self._settings.state_table, self._settings.lease_seconds)
        # The write takes the lock, so it comes first: later reads see the same rows as the write.
        self._database.write(statement, wanted)
        reached("in_claim")
        gone = [id_ for id_ in ids if not seen[id_].has_row and not seen[id_].is_new]
        then = {id_: seen[id_].status for id_ in ids}
        if gone:
            history = restore(self._database, self._settings, gone)
            then |= {row["execution_id"]: row.get("status") for row in history}
            self._database.write(statement, [by_id[id_] for id_ in gone])
        new = {id_ for id_ in ids if seen[id_].is_new}
        rows = self._claimed(ids, check_events=bool(new))
        if set(ids) - {row.execution_id for row in rows}:
            raise ConflictError("the row of an execution was removed while it was claimed")
        mine = [row for row in rows if self._state.owns_lease(row) and not row.is_finished]
        if new - {row.execution_id for row in mine if row.sequence == 1}:
            raise ConflictError("another run was first with an execution")
        events = []
        for row in mine:
            id_ = row.execution_id
            events.append(self._event(row, by_id[id_], then[id_], seen[id_]))
        self._state.append(events)
        return mine

    def _claim_new(self, wanted: Sequence[dict[str, Any]]) -> list[Execution]:
        """Claim executions that nobody has begun; what the two writes report shows that it is so.

        Raises:
            ConflictError: when another run was first with one of them.

        """
        settings = self._settings
        statement = claim_sql(settings.state_table, settings.lease_seconds)
        inserted = self._database.write(statement, wanted)
        reached("in_claim")
        rows = [
            Execution(
                execution_id=row["execution_id"],
                status=PENDING,
                policy_id=None,
                poll_count=0,
                invocation_id=self._run_id,
                lease_seconds=settings.lease_seconds,
                sequence=1,
                cancelled=False,
                policy_json=None,
                api_execution_id=None,
                policy_name=_name_of(row["policy_text"]),
            )
            for row in wanted
        ]
        new = Seen(has_row=False, status=None, cancelled=False, sequence=0, policy_json=None)
        events = [self._event(row, by, None, new) for row, by in zip(rows, wanted, strict=True)]
        statement = claimed_events_sql(settings.state_table, settings.events_table)
        appended = sum(self._database.write(statement, part) for part in parts(events))
        if not inserted == appended == len(rows):
            raise ConflictError("another run was first with an execution")
        return rows

    def _claimed(self, ids: Sequence[str], *, check_events: bool) -> list[Execution]:
        """Read the claimed rows, in the transaction of the claim.

        Raises:
            ConflictError: when a row was inserted for an execution that has events.

        """
        state, events = self._settings.state_table, self._settings.events_table
        statement = (
            claimed_sql(state, events) if check_events else read_sql(state, with_policies=False)
        )
        rows = []
        for row in self._database.select_of(statement, ids):
            execution = execution_of(row)
            rows.append(execution)
            is_inserted = execution.sequence == 1 and self._state.owns_lease(execution)
            if check_events and is_inserted and row[-1]:
                raise ConflictError(f"execution {execution.execution_id} was there before")
        if len({row.execution_id for row in rows}) < len(rows):
            raise DuplicateExecutionError(
                "an execution_id stands twice in the state table; nothing was sent"
            )
        return rows

    def _event(
        self, row: Execution, wanted: Mapping[str, Any], before: str | None, then: Seen
    ) -> dict[str, Any]:
        is_new = "is_new" in wanted
        known = then.sequence + 1 == row.sequence or not then.has_row
        return event_row(
            row.execution_id,
            self._run_id,
            row.sequence,
            "claimed" if is_new else "resumed",
            status_before=before if known else None,
            status_after=row.status,
            policy_id=row.policy_id,
            policy_data=redact(parsed(wanted["policy_text"])) if is_new else None,
            message=("claimed" if is_new else "taken up again") + self._announces,
        )


def _name_of(text: str) -> str | None:
    """The policy_name of a policy, as a read of its row has it."""
    name = parsed(text).get("policy_name")
    return name[:200] if isinstance(name, str) else None


def policy_text(policy: Given) -> str | None:
    """The text of a policy as it is sent; a retry sends the same text."""
    return policy if policy is None or isinstance(policy, str) else to_json(policy)


def parsed_policy(policy: Given) -> Any:
    """A policy as JSON."""
    return parsed(policy) if isinstance(policy, str) else policy


def differing(given: Mapping[str, Given], seen: Mapping[str, Seen]) -> dict[str, Any]:
    """Find the executions that exist with another policy; returns the stored policies by id."""
    found = {}
    for id_, policy in given.items():
        stored = seen[id_].policy_json
        if policy is not None and stored is not None and not is_same(stored, policy):
            found[id_] = parsed(stored)
    return found


# --- http/addresses.py
_SUB_DELIMITERS = "!$&'()*+,;="
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_IN_PATH = re.compile(rf"[A-Za-z0-9._~{re.escape(_SUB_DELIMITERS)}:@/-]")
_IN_QUERY = re.compile(rf"[A-Za-z0-9._~{re.escape(_SUB_DELIMITERS)}:@/?-]")
# A placeholder stays as it is: its value is percent-encoded when it is filled in.
_ADDRESS_PART = re.compile(r"(\{[A-Za-z_][A-Za-z0-9_.]*\})|%([0-9A-Fa-f]{2})|(.)", re.DOTALL)


@lru_cache(maxsize=256)
def wire_address(url: str) -> str:
    """Bring an address with placeholders into its normal form.

    Args:
        url: `scheme://host[:port]`, with or without a path and a query.

    """
    head, _, _ = url.partition("#")
    scheme, _, rest = head.partition("://")
    host = re.split(r"[/?]", rest, maxsplit=1)[0]
    path, _, query = rest[len(host) :].partition("?")
    path = _without_dots(_encoded(path, _IN_PATH))
    return f"{scheme.lower()}://{host.lower()}{path}" + (
        f"?{_encoded(query, _IN_QUERY)}" if query else ""
    )


def _encoded(text: str, kept: re.Pattern[str]) -> str:
    def one(found: re.Match[str]) -> str:
        placeholder, code, character = found.groups()
        if placeholder:
            return str(placeholder)
        if code:
            plain = chr(int(code, 16))
            return plain if _UNRESERVED.fullmatch(plain) else f"%{code.upper()}"
        if kept.fullmatch(character):
            return str(character)
        return "".join(f"%{byte:02X}" for byte in character.encode())

    return _ADDRESS_PART.sub(one, text)


def _without_dots(path: str) -> str:
    """Remove dot segments (RFC 3986, 5.2.4); the path begins with one slash."""
    segments, kept = path.split("/"), list[str]()
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept).lstrip("/")


# --- http/rate_limiter.py
# A pause may grow during the wait, so a waiting thread looks at it again this often.
LOOK_AGAIN_SECONDS = 1.0


class HeldTooLongError(Exception):
    """The API asked for a pause that is longer than a call may take; nothing was sent."""

    def __init__(self, seconds: float, status: int) -> None:
        super().__init__(f"the API asked for a pause of {seconds:.0f} more seconds")
        self.status = status


class RateLimiter:
    """Spaces the requests of all threads to one host.

    Args:
        requests_per_second: the most requests in a second, evenly spaced, also below 1; None means
            no limit.

    """

    def __init__(self, requests_per_second: float | None = None) -> None:
        self._lock = threading.Lock()
        self._interval = 1 / requests_per_second if requests_per_second else 0.0
        self._next_turn = 0.0
        # When the request after the last one that had its turn may leave.
        self._free_at = 0.0
        self._held_until = 0.0
        self._status = 0

    def hold(self, seconds: float, status: int) -> None:
        """Hold all requests back: a Retry-After of one answer counts for the whole host.

        Args:
            seconds: how long, from Retry-After (RFC 9110, 10.2.3).
            status: the HTTP status of the answer.

        """
        with self._lock:
            until = time.monotonic() + seconds
            if until > self._held_until:
                self._held_until, self._status = until, status

    def held(self) -> float:
        """Seconds until the API takes requests again; 0 when it does now."""
        return max(0.0, self._held_until - time.monotonic())

    def rest(self) -> float:
        """Seconds until a request of a later call may be sent, by pause and by rate."""
        return max(self.held(), self._free_at - time.monotonic(), 0.0)

    def wait_for_turn(
        self, longest_hold: float, may_begin: Callable[[], None] = lambda: None
    ) -> None:
        """Wait until a request may be sent.

        Args:
            longest_hold: the longest pause of the API that is waited for, in seconds.
            may_begin: called again and again during the wait; what it raises ends the wait.

        Raises:
            HeldTooLongError: when the API's pause is not over within `longest_hold` seconds.

        """
        with self._lock:
            turn = max(time.monotonic(), self._next_turn)
            self._next_turn = turn + self._interval
        while True:
            held = self.held()
            if held >= longest_hold:
                raise HeldTooLongError(held, self._status)
            may_begin()
            left = max(held, turn - time.monotonic())
            if left <= 0:
                self._free_at = max(self._free_at, turn + self._interval)
                return
            time.sleep(min(left, LOOK_AGAIN_SECONDS))


# --- http/transport.py
# What is wrong with every answer that has the HTTP status 206.
PARTIAL_CONTENT = "it is a part of one"
MAX_RESPONSE_BYTES = 1024 * 1024
# The least time that an attempt gets once it has started.
SHORTEST_ATTEMPT_SECONDS = 0.05
# The most interim answers (1xx) before the real answer; servers send one or two.
MAX_INTERIM_ANSWERS = 16


@dataclass
class Attempt:
    """What is known of one request while it is under way.

    `limit` is the time at which the request must be over, a `time.monotonic()`. `connecting` and
    `sent` say how far the request came: a request of which nothing was sent cannot have been
    processed. `status` is the HTTP status, as soon as the status line was read. `unclear` says that
    the head of the answer does not define where the body ends. `body` is the response that reads
    the body. `check` is called just before the request is sent, and says whether it may be sent.
    """

    limit: float
    check: Callable[[], None] | None = None
    connecting: bool = False
    sent: bool = False
    status: int | None = None
    unclear: bool = False
    body: http.client.HTTPResponse | None = None

    def leaves(self) -> None:
        """Note that sending begins; the time that `check` takes does not count for the limit.

        Raises:
            NotPermittedError: when the request must not be sent.

        """
        if not self.sent and self.check:
            begun = time.monotonic()
            self.check()
            self.limit += time.monotonic() - begun
        self.sent = True

    def remaining(self) -> float:
        """Seconds until the limit, and at least SHORTEST_ATTEMPT_SECONDS."""
        return max(SHORTEST_ATTEMPT_SECONDS, self.limit - time.monotonic())


@dataclass(frozen=True)
class Answer:
    """What a server answered, as far as the answer arrived.

    `headers` has names in lower case. `problem` says why the body is not whole; None when the body
    is whole. `too_slow` and `too_large` say which of two limits cut the body.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None
    too_slow: bool = False
    too_large: bool = False


class NoAnswerError(Exception):
    """No HTTP status came back; the error's `__cause__` says why.

    Args:
        attempt: how far the request came.

    """

    def __init__(self, attempt: Attempt) -> None:
        super().__init__("no answer")
        self.attempt = attempt


# The attempt of this thread. urllib3 makes the classes below, so that no argument can carry it.
_attempt: ContextVar[Attempt] = ContextVar("attempt")


class Transport:
    """Sends requests; safe to use from several threads.

    Args:
        connections: how many connections may be open at once.
        headers: the headers of every request.
        tls: whether requests go to https addresses.

    """

    def __init__(self, connections: int, headers: dict[str, str], *, tls: bool) -> None:
        self._adapter = _OneRequestAdapter(connections, tls=tls)
        self._session = requests.Session()
        # Proxies and .netrc of the environment are no part of the registration.
        self._session.trust_env = False
        # A compressed answer that broke off could pass for a shorter whole answer.
        own = {"Connection": "close", "Accept-Encoding": "identity"}
        self._session.headers.update({**headers, **own})

    def close(self) -> None:
        """Close all connections."""
        self._adapter.close()

    def exchange(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        data: bytes | None,
        limit: float,
        check: Callable[[], None] | None = None,
    ) -> Answer:
        """Send one request, once.

        Args:
            method: the HTTP method.
            url: the address.
            headers: the headers of this request.
            data: the body.
            limit: when the whole answer must have arrived, a `time.monotonic()`.
            check: raises NotPermittedError when the request must not be sent.

        Raises:
            NotPermittedError: by `check`; nothing was sent.
            ValueError: when the arguments make no legal request; nothing was sent.
            NoAnswerError: when no HTTP status came back.

        """
        request = self._session.prepare_request(
            requests.Request(method, url, headers=headers, data=data)
        )
        attempt = Attempt(limit, check)
        _attempt.set(attempt)
        seconds = attempt.remaining()
        try:
            response = self._adapter.send(
                request,
                stream=True,
                # requests takes urllib3's Timeout as it is; its type hints do not say so.
                timeout=Timeout(connect=seconds, read=seconds),  # type: ignore[arg-type]
                verify=True,
            )
        except NotPermittedError:
            raise
        except Exception as error:
            if attempt.status is not None:
                return Answer(attempt.status, problem="its headers cannot be read")
            if isinstance(error, ValueError) and not attempt.sent:
                raise
            raise NoAnswerError(attempt) from error
        try:
            return _read(response, attempt)
        finally:
            with suppress(Exception):
                response.close()


def _read(response: requests.Response, attempt: Attempt) -> Answer:
    parts: list[bytes] = []
    problem = None
    too_slow = False
    size = 0
    try:
        while size <= MAX_RESPONSE_BYTES and (part := _arrived(response, attempt)):
            parts.append(part)
            size += len(part)
    except TimeoutError:
        too_slow = True
        problem = "it is not complete within the timeout"
    except Exception as error:  # noqa: BLE001  # the status counts, whatever the body does
        problem = f"its body is damaged ({type(error).__name__})"
    too_large = size > MAX_RESPONSE_BYTES
    if too_large:
        problem = f"it is longer than {MAX_RESPONSE_BYTES} bytes"
    headers = response.headers
    body = b"".join(parts)[:MAX_RESPONSE_BYTES]
    if not problem and (encoding := str(headers.get("Content-Encoding", "")).strip().lower()):
        body, problem = _decoded(body, encoding)
    if not problem and attempt.unclear:
        problem = "its head leaves open where its body ends"
    if not problem and response.status_code == 206:
        problem = PARTIAL_CONTENT
    return Answer(
        status=response.status_code,
        body=body,
        headers={str(name).lower(): str(value) for name, value in headers.items()},
        problem=problem,
        too_slow=too_slow,
        too_large=too_large,
    )


def _arrived(response: requests.Response, attempt: Attempt) -> bytes:
    """Read what has arrived of a body, so that nothing is lost when the body breaks off.

    This reads below urllib3, whose versions differ in what they return of a body in pieces.
    """
    if not attempt.body:  # another adapter is in use, as in tests
        whole: bytes = response.raw.read(65536, decode_content=False)
        return whole
    part = attempt.body.read1(65536)
    if not part and attempt.body.length:
        raise http.client.IncompleteRead(part, attempt.body.length)
    return part


def _decoded(body: bytes, encoding: str) -> tuple[bytes, str | None]:
    """Undo a Content-Encoding that was not asked for, and check that the body is whole.

    Returns:
        The body, as far as it can be read, and the problem, or None.

    """
    if encoding == "identity":
        return body, None
    if encoding not in ("gzip", "x-gzip", "deflate"):
        return body, "it has a Content-Encoding that was not asked for"
    # 32: with the header of gzip or of zlib.
    decoder = zlib.decompressobj(wbits=32 + zlib.MAX_WBITS)
    try:
        text = decoder.decompress(body, MAX_RESPONSE_BYTES + 1)
    except zlib.error:
        return body, "its body is not what its Content-Encoding says"
    if len(text) > MAX_RESPONSE_BYTES:
        return b"", f"it is longer than {MAX_RESPONSE_BYTES} bytes"
    whole = decoder.eof and not decoder.unused_data
    return text, None if whole else "its compressed body is not whole"


class _LimitedReader(io.RawIOBase):
    """Reads from a socket, but never past the attempt's limit, however slowly the bytes arrive."""

    def __init__(self, file: Any, socket: Any, attempt: Attempt) -> None:
        self._file = file
        self._socket = socket
        self._within = attempt
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._within.limit - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._socket.settimeout(left)
        count: int = self._file.readinto(buffer)
        self.ended = not count
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


class _FinalResponse(http.client.HTTPResponse):
    """Skips interim answers, and ends its connection."""

    def __init__(self, sock: Any, *rest: Any, **more: Any) -> None:
        super().__init__(sock, *rest, **more)
        self._of = _attempt.get()
        self._reader = _LimitedReader(self.fp.detach(), sock, self._of)
        self.fp = io.BufferedReader(self._reader)

    def begin(self) -> None:
        """Read the head of the real answer: http.client skips only status 100 (RFC 9110, 15.2)."""
        for _ in range(MAX_INTERIM_ANSWERS + 1):
            try:
                super().begin()
            finally:
                if isinstance(self.status, int) and self.status >= 200:
                    self._of.status = self.status
            if self._reader.ended:
                # http.client takes the end of the connection for the end of the head.
                raise http.client.HTTPException("the head of the answer broke off")
            if not 100 <= self.status < 200 or self.status == 101:
                self._of.unclear = not self._says_where_it_ends()
                self._of.body = self
                # Otherwise urllib3 would keep the connection for another request.
                self.will_close = True
                return
            self.headers = self.msg = None  # type: ignore[assignment]
        raise http.client.HTTPException(f"over {MAX_INTERIM_ANSWERS} interim answers")

    def _says_where_it_ends(self) -> bool:
        """Whether the head defines where the body ends (RFC 9112, 6.3).

        http.client ignores a length that it cannot read, and all headers after a header without a
        colon: then the end of the connection would pass for the end of the body.
        """
        lengths = self.headers.get_all("Content-Length", [])
        encodings = self.headers.get_all("Transfer-Encoding", [])
        return (
            not self.headers.defects
            and all(re.fullmatch(r"[0-9]{1,18}", length.strip()) for length in lengths)
            and [encoding.strip().lower() for encoding in encodings] in ([], ["chunked"])
        )


class _NotesProgress:
    """Notes in the attempt how far the request came."""

    sock: Any

    def connect(self) -> None:
        _attempt.get().connecting = True
        super().connect()  # type: ignore[misc]

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _attempt.get().leaves()
        super().send(data)  # type: ignore[misc]


class _Connection(_NotesProgress, HTTPConnection):
    """A connection without TLS."""

    response_class = _FinalResponse


class _TlsConnection(_NotesProgress, HTTPSConnection):
    """A connection with TLS."""

    response_class = _FinalResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _OneRequestAdapter(HTTPAdapter):
    """Connects requests with urllib3, with the connections above and one TLS context for all.

    By itself requests loads the certificates for each connection, which takes longer than a
    request.
    """

    def __init__(self, connections: int, *, tls: bool) -> None:
        self._tls = tls
        super().__init__(pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        if self._tls:
            bundle = extract_zipped_paths(DEFAULT_CA_BUNDLE_PATH)  # type: ignore[no-untyped-call]
            more["ssl_context"] = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
            more["ssl_context"].load_verify_locations(bundle)
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:  # noqa: ARG002
        """Take the certificates from the context; they are always checked."""
        conn.cert_reqs = "CERT_REQUIRED"


# --- http/credentials.py
PREFIX = "secret."
# The shortest user name that may be a key.
SHORTEST_KEY = 12
_HAS_DIGIT_BEFORE_LETTER = re.compile(r"[0-9].*[a-z]", re.IGNORECASE)
_NO_KEY_HOLDS = re.compile(r"[@\s]")


class SecretError(ValueError):
    """A SECRET cannot be used.

    Args:
        alias: the secret's name in the description.
        problem: what is wrong with the secret, without a word of its value.
        found: the secret's type, where another one is needed.

    """

    def __init__(self, alias: str, problem: str, found: str | None = None) -> None:
        super().__init__(f"the secret {alias} {problem}")
        self.alias = alias
        self.problem = problem
        self.found = found

    def as_answer(self) -> dict[str, Any]:
        """What the answer of a procedure says of the secret."""
        return {"alias": self.alias, "problem": self.problem, "type": self.found}


@dataclass(frozen=True)
class Credentials:
    """The values of the placeholders `{secret...}`, and the texts in them that are secret."""

    texts: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()


def read_credentials(description: Description) -> Credentials:
    """Read the secrets that the description names.

    Only the main thread may read a secret (docs/snowflake_facts.md#secrets).

    Raises:
        SecretError: when a secret is empty, is of another type than the description says, or cannot
            stand in a header (RFC 9110, 5.5).

    """
    texts: dict[str, str] = {}
    secrets: list[str] = []
    for alias, kind in description.secrets.items():
        found, hidden = _secret_of(alias, kind)
        texts |= found
        secrets += [text for text in hidden if text]
    for name in _secrets_in([endpoint.body for endpoint in description.endpoints]):
        _check_not_empty(name, texts[name])
    for name in _secrets_in([dict(endpoint.headers) for endpoint in description.endpoints]):
        _check_not_empty(name, texts[name])
        if not texts[name].isascii():
            raise _unusable(
                name, "holds a character that is not ASCII, which no HTTP header carries"
            )
        if not texts[name].isprintable():
            problem = "holds a line break or a control character, which no HTTP header carries"
            raise _unusable(name, problem)
    return Credentials(texts, tuple(secrets))


def secret_problem(api: Mapping[str, Any]) -> dict[str, Any]:
    """Say why the secrets cannot be used, as the answer of a procedure has it; or nothing."""
    try:
        read_credentials(read_description(api))
    except SecretError as error:
        return {"secret_problem": error.as_answer()}
    return {}


def masked_credentials(description: Description) -> Credentials:
    """Make the values of all secrets as they are shown to people."""
    names = [
        f"{PREFIX}{alias}{part}"
        for alias in description.secrets
        for part in ("", ".username", ".password")
    ]
    return Credentials({name: f"[{name}]" for name in names})


def _secret_of(alias: str, kind: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The values of one secret by their placeholders, and those of them that are secret."""
    import _snowflake  # noqa: PLC0415  # exists only inside Snowflake

    name = f"{PREFIX}{alias}"
    try:
        if kind == "password":
            pair = _snowflake.get_username_password(alias)
            return _of_pair(name, pair.username or "", pair.password or "")
        if kind == "oauth2":
            token = _snowflake.get_oauth_access_token(alias)
        else:
            token = _snowflake.get_generic_secret_string(alias)
    except Exception as error:  # noqa: BLE001  # what Snowflake raises here is not documented.
        # Its words are left out: nobody knows whether they repeat the secret.
        problem = f"cannot be read as type {kind} ({type(error).__name__})"
        found = None
        with suppress(Exception):
            found = str(_snowflake.get_secret_type(alias)).lower()
        if found in (None, kind):
            raise SecretError(alias, problem) from None
        problem = f"is of type {found}, and the settings say {kind}"
        raise SecretError(alias, problem, found) from None
    token = (token or "").strip()
    _check_not_empty(name, token)
    return {name: token}, (token,)


def _of_pair(name: str, username: str, password: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The values of a secret of type password.

    A line break at an end comes from a file, and is no part of the value; a blank may be one.
    """
    username, password = username.strip("\r\n"), password.strip("\r\n")
    both = f"{username}:{password}" if username or password else ""
    token = base64.b64encode(both.encode()).decode()
    texts = {name: token, f"{name}.username": username, f"{name}.password": password}
    return texts, (token, password, username if _may_be_key(username) else "")


def _may_be_key(username: str) -> bool:
    """Whether a user name is a secret: some APIs take the key as the user, and no password.

    Ordinary names are none: their redaction would take words of every answer.
    """
    return (
        len(username) >= SHORTEST_KEY
        and not _NO_KEY_HOLDS.search(username)
        and _HAS_DIGIT_BEFORE_LETTER.search(username) is not None
    )


def _secrets_in(template: Any) -> Iterator[str]:
    return (name for name in names_in(template) if name.startswith(PREFIX))


def _check_not_empty(name: str, text: str) -> None:
    if not text:
        raise _unusable(name, "is empty")


def _unusable(name: str, problem: str) -> SecretError:
    """Make the error about the value of a placeholder: a whole secret, or a part of it."""
    alias, _, part = name.removeprefix(PREFIX).partition(".")
    return SecretError(alias, f"{problem} (its {part})" if part else problem)


# --- http/retry.py
# This status says that the request was not processed (RFC 6585, 4).
RETRIED_STATUSES = frozenset({429})
RETRIED_READ_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
RETRY_AFTER_STATUSES = frozenset({429, 503})
FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 10.0
# No server means a longer number.
MAX_RETRY_AFTER_CHARACTERS = 20


def never_left(error: NoAnswerError) -> bool:
    """Whether nothing of a request was sent, as far as the transport knows."""
    return error.attempt.connecting and not error.attempt.sent


def is_sent_again(endpoint: Endpoint, result: Answer | NoAnswerError) -> bool:
    """Whether a request may be sent again: one that changes something only if it was not processed.

    A 503 with Retry-After says that the request was not processed. Where a repetition would do
    everything twice, that is not enough: a gateway may say so of a request that it passed on.
    """
    if isinstance(result, NoAnswerError):
        return endpoint.is_read or never_left(result)
    if endpoint.is_read:
        return result.status in RETRIED_READ_STATUSES | endpoint.busy
    return result.status in RETRIED_STATUSES | endpoint.busy or (
        result.status == 503
        and endpoint.is_repeatable
        and retry_after(result, endpoint.busy) is not None
    )


def backoff(retries: int) -> float:
    """Seconds to wait before a retry: full jitter below a bound that doubles.

    Args:
        retries: how many retries there were before.

    """
    bound = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2**retries)
    return random.uniform(0, bound)


def retry_after(answer: Answer, busy: Collection[int] = ()) -> float | None:
    """Seconds that an answer asks to wait (RFC 9110, 10.2.3); None when it asks for nothing.

    A value that cannot be read counts as nothing. A fraction of a second is not legal, but is
    understood. A date is compared with the answer's own Date, as the clocks may differ. `busy` has
    the statuses that mean "not now" at this API.
    """
    value = answer.headers.get("retry-after", "").strip()
    if not value or answer.status not in {*RETRY_AFTER_STATUSES, *busy}:
        return None
    if re.fullmatch(r"[0-9]+([.][0-9]+)?", value):
        return float(value) if len(value) <= MAX_RETRY_AFTER_CHARACTERS else None
    until, now = _moment(value), _moment(answer.headers.get("date", ""))
    return None if until is None or now is None else max(0.0, until - now)


def _moment(date: str) -> float | None:
    """An HTTP date in seconds since a fixed time; None when the text is no date."""
    try:
        found = parsedate_to_datetime(date)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError, OSError):
        return None


# --- http/answer_reading.py
KEPT_TEXT_CHARACTERS = 2000
# How much of a text is redacted; the number above says how much of that is kept.
READ_TEXT_BYTES = 64 * 1024
# A statement with all that it binds stays under 1 MB (docs/snowflake_facts.md#sizes).
KEPT_JSON_BYTES = 256 * 1024
SHOWN_CHARACTERS = 200
MESSAGE_CHARACTERS = 1000

Judge = Callable[[Received, Show], Judgement]
REPEATED_CONFLICT = (
    "HTTP 409 from the API to a request that may have been sent before: the first request may have "
    "taken effect"
)


@dataclass(frozen=True)
class Meaning:
    """How an answer is to be understood.

    Args:
        judge: says what a whole answer with a status 2xx means.
        may_be_empty: whether an empty body means the same as an object without fields.
        may_be_any_json: whether the body may be any JSON, and not only an object.
        may_be_any_text: whether the body need not be JSON, as only the headers count.
        was_sent_before: whether the request may have been sent before, in another call.

    """

    judge: Judge
    may_be_empty: bool = False
    may_be_any_json: bool = False
    may_be_any_text: bool = False
    was_sent_before: bool = False


class AnswerReader:
    """Reads the answers to one kind of request.

    Args:
        endpoint: the kind of request: whether it changes something at the API, and what its
            statuses mean.
        url: the address of the request.
        redactor: removes secrets.

    """

    def __init__(self, endpoint: Endpoint, url: str, redactor: Redactor) -> None:
        self._endpoint = endpoint
        self._url = url
        self._redactor = redactor

    def show(self, text: object) -> str:
        """Make a text from elsewhere fit for a message: redacted, on one line, then cut."""
        return printable(self._redactor.text(str(text)), SHOWN_CHARACTERS)

    def quote(self, value: Any) -> str:
        """Make a value of an answer fit for a message: a text in quotes, anything else as JSON."""
        if isinstance(value, str):
            return f"'{self.show(value)}'"
        return self.show(json.dumps(self._redactor.value(value), ensure_ascii=False))

    def outcome(
        self,
        kind: OutcomeKind,
        message: str,
        error_class: str | None,
        answer: Answer | None = None,
        response: dict[str, Any] | None = None,
    ) -> ApiOutcome:
        """Make an outcome; its texts are redacted."""
        return ApiOutcome(
            kind=kind,
            method=self._endpoint.method,
            url=printable(self._redactor.text(self._url)),
            message=printable(self._redactor.text(message), MESSAGE_CHARACTERS),
            http_status=answer.status if answer else None,
            error_class=error_class,
            response=response,
        )

    def answered(self, answer: Answer, meaning: Meaning) -> ApiOutcome:
        """Turn an answer into an outcome, which keeps what was received and invents nothing."""
        value, problem = parse_answer(answer.body)
        problem = answer.problem or problem
        if problem is None and not (isinstance(value, dict) or meaning.may_be_any_json):
            problem = f"the body is JSON, but not an object: {type(value).__name__}"
        kept = self._kept(answer, value, problem)
        status = answer.status
        if 300 <= status < 400:
            message = f"HTTP {status}: a redirect to {self._host(answer)}, not followed"
            if status == 303 and not self._endpoint.is_read:
                # 303: the request was processed, and its result is elsewhere (RFC 9110, 15.4.4).
                return self.outcome("unknown", message + OUTCOME_UNKNOWN, "Redirect", answer, kept)
            return self.outcome("rejected", message, "Redirect", answer, kept)
        if status < 200:
            return self.outcome(
                "unreadable", f"HTTP {status} from the API", f"HTTP{status}", answer, kept
            )
        if status >= 400 and not self._counts_as_answer(answer, meaning):
            return self._refused(answer, kept, meaning)
        if answer.problem:
            return self._incomplete(answer, kept)
        is_empty = not answer.body.strip(b" \t\r\n")
        only_head_counts = status >= 400 or meaning.may_be_any_text
        if problem and (only_head_counts or (meaning.may_be_empty and is_empty)):
            value, problem = {}, None
        if problem is None:
            try:
                judged = meaning.judge(Received(value, status, answer.headers), self.quote)
            except TooManyPartsError as error:
                problem = str(error)
            else:
                kind, message, name = judged.kind, judged.message, judged.error_class
                outcome = self.outcome(kind, message, name, answer, kept)
                return replace(outcome, policy_id=judged.policy_id)
        kind = "not_ready" if self._endpoint.is_read else "unreadable"
        message = f"HTTP {status}, but {problem}"
        return self.outcome(kind, message, "UnreadableAnswer", answer, kept)

    def _counts_as_answer(self, answer: Answer, meaning: Meaning) -> bool:
        """Whether a status of 400 and more is an answer that the description gives a meaning.

        That a policy is absent no page says: a gateway answers so for an API that is away.
        """
        if answer.status in self._endpoint.absent:
            return not answer.body.lstrip(b" \t\r\n\xef\xbb\xbf").startswith(b"<")
        return answer.status in self._endpoint.already and meaning.was_sent_before

    def _refused(self, answer: Answer, kept: dict[str, Any], meaning: Meaning) -> ApiOutcome:
        """Make the outcome of an answer with a status of 400 and more."""
        status = answer.status
        if status in self._endpoint.busy:
            message = f"HTTP {status} from the API: busy, and no time is left for another try"
            return self.outcome("unavailable", message, API_BUSY, answer, kept)
        if status == 409 and meaning.was_sent_before:
            return self.outcome("unknown", REPEATED_CONFLICT, "RepeatedConflict", answer, kept)
        kind = self._error_kind(status)
        doubt = OUTCOME_UNKNOWN if kind == "unknown" else ""
        message = f"HTTP {status} from the API{doubt}"
        return self.outcome(kind, message, f"HTTP{status}", answer, kept)

    def not_answered(self, error: NoAnswerError) -> ApiOutcome:
        """Make the outcome of a request without an answer: never sent, or of unknown fate."""
        cause = error.__cause__ or error
        host = urlsplit(self._url).netloc
        if never_left(error) or isinstance(cause, requests.exceptions.ConnectTimeout):
            unresolved = any(_is_no_name(seen) for seen in _chain(cause))
            reason = "the name could not be resolved" if unresolved else "the connection failed"
            message = (
                f"{host} cannot be reached: {reason} ({self._innermost(cause)}). Check the "
                "address, and that the network rule of the external access integration allows "
                "this host and port"
            )
            return self.outcome(
                "unavailable", message, "NameNotResolved" if unresolved else "ConnectionFailed"
            )
        message = f"no complete answer from {host} ({self._innermost(cause)})"
        if self._endpoint.is_read:
            return self.outcome("unavailable", message, "NoAnswer")
        return self.outcome("unknown", message + OUTCOME_UNKNOWN, "NoAnswer")

    def not_sent(self, error: HeldTooLongError) -> ApiOutcome:
        """Make the outcome of a request that was held back: the API's pause was too long."""
        message = (
            f"not sent: {error} (HTTP {error.status} with Retry-After), which is longer than "
            "policy_api_step_deadline_seconds"
        )
        return self.outcome("unavailable", message, f"HTTP{error.status}")

    def says_down(self, came: Answer | NoAnswerError, meaning: Meaning) -> str | None:
        """Say why an answer, or its absence, says that the API is down; None when it does not.

        The API is down when no connection or no whole answer came in time, and when it answers with
        HTTP 5xx, or with a page in place of JSON. A refusal says that the API is there.
        """
        if isinstance(came, NoAnswerError):
            return self.not_answered(came).message.removesuffix(OUTCOME_UNKNOWN)
        if came.status >= 500:
            named = self._endpoint.busy | self._endpoint.absent | self._endpoint.already
            return None if came.status in named else f"HTTP {came.status} from the API"
        if not 200 <= came.status < 300 or came.too_large:
            return None
        if came.problem:
            return f"HTTP {came.status}, but the answer is unusable: {came.problem}"
        begins = came.body.lstrip(b" \t\r\n\xef\xbb\xbf")[:1]
        if meaning.may_be_any_text or begins in (b"", b"{", b"["):
            return None
        _, problem = parse_answer(came.body)
        return problem and f"HTTP {came.status}, but {problem}"

    def broken(self, error: Exception, answer: Answer | None, *, sent: bool) -> ApiOutcome:
        """Make the outcome of an unexpected error in this client.

        Args:
            error: the error.
            answer: the answer, if it had arrived before the error.
            sent: whether the request may have been sent.

        """
        if isinstance(error, PlaceholderError):
            message = f"the request cannot be made; nothing was sent: {self.show(error)}"
            return self.outcome("rejected", message, error.error_class)
        what = f"{type(error).__name__}: {error}"
        if not sent:
            message = f"the request cannot be made; nothing was sent ({self.show(what)})"
            return self.outcome("rejected", message, "InvalidRequest")
        message = f"the call broke off ({self.show(what)})"
        if self._endpoint.is_read:
            return self.outcome("unavailable", message, "CallBroken", answer)
        return self.outcome("unknown", message + OUTCOME_UNKNOWN, "CallBroken", answer)

    def _kept(self, answer: Answer, value: Any, problem: str | None) -> dict[str, Any]:
        if isinstance(value, dict):
            kept: dict[str, Any] = self._redactor.value(value)
            text = json.dumps(kept, ensure_ascii=False)
            size = len(text.encode())
            if size <= KEPT_JSON_BYTES:
                return kept
            problem = f"the answer has {size} bytes as JSON, of which this is the beginning"
        elif value is not None:
            text = json.dumps(self._redactor.value(value), ensure_ascii=False)
        else:
            text = answer.body[:READ_TEXT_BYTES].decode("utf-8", "replace")
            text = self._redactor.broken_text(text)
        about = {
            "http_status": answer.status,
            "content_type": self.show(answer.headers.get("content-type", "")),
            "body": text.replace("\x00", "\ufffd")[:KEPT_TEXT_CHARACTERS],
            "note": problem,
        }
        # Step 3 needs the API's own id of the execution.
        own = value.get("execution_id") if isinstance(value, dict) else None
        return about | {"execution_id": self.show(own)} if isinstance(own, str) else about

    def _incomplete(self, answer: Answer, kept: dict[str, Any]) -> ApiOutcome:
        """Make the outcome of an answer with a status 2xx that is not whole."""
        name = "IncompleteAnswer"
        if answer.too_slow:
            name = "ResponseTooSlow"
        elif answer.too_large:
            name = "ResponseTooLarge"
        message = f"HTTP {answer.status}, but the answer is unusable: {answer.problem}"
        if self._endpoint.is_read:
            return self.outcome("not_ready", message, name, answer, kept)
        return self.outcome("unknown", message + OUTCOME_UNKNOWN, name, answer, kept)

    def _host(self, answer: Answer) -> str:
        try:
            return self.show(urlsplit(answer.headers.get("location", "")).netloc or "elsewhere")
        except ValueError:
            return "an address that is none"

    def _error_kind(self, status: int) -> OutcomeKind:
        if status in {425, 429} or (status in {408, 503} and self._endpoint.is_repeatable):
            return "unavailable"
        if status == 408 or status >= 500:
            return "unavailable" if self._endpoint.is_read else "unknown"
        return "rejected"

    def _innermost(self, error: BaseException) -> str:
        seen = _chain(error)[-1]
        text = self.show(seen)
        return f"{type(seen).__name__}: {text}" if text else type(seen).__name__


def _chain(error: BaseException) -> list[BaseException]:
    """List an error and its causes: requests and urllib3 wrap the real error in their own."""
    chain = [error]
    while len(chain) < 10:
        seen = chain[-1]
        inner = getattr(seen, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((arg for arg in seen.args if isinstance(arg, BaseException)), None)
        # urllib3 before 2.0 names the cause in words only.
        inner = inner or seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
        if inner is None or inner in chain:
            break
        chain.append(inner)
    return chain


def _is_no_name(error: BaseException) -> bool:
    """Whether an error says that the name of a host could not be resolved.

    Snowflake raises EBUSY when no network rule allows the host, in place of an error of name
    resolution (docs/snowflake_facts.md#egress-errors).
    """
    return isinstance(error, socket.gaierror) or (
        isinstance(error, OSError) and error.errno == errno.EBUSY
    )


# --- http/policy_api.py
@dataclass
class Request:
    """A request, and what happened to it so far.

    `counted_retries` is the number of retries but for those after a status that means busy.
    `is_in_doubt` says that a try may have been processed which was repeated.
    """

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    data: bytes | None = None
    requests_sent: int = 0
    counted_retries: int = 0
    is_in_doubt: bool = False
    started: float | None = None

    def milliseconds(self) -> int:
        """For how long the request has been under way."""
        return round((time.monotonic() - self.started) * 1000) if self.started else 0


@dataclass(frozen=True)
class Call:
    """One request for one execution: what to send, and how to understand the answer."""

    endpoint: Endpoint
    values: Values
    meaning: Meaning
    idempotency_key: str = ""


def _is_of_list(endpoint: Endpoint) -> bool:
    """Whether the description reads the answer as a list."""
    return any(first_index(place) is not None for place in endpoint.places)


def _turn(
    limiter: RateLimiter,
    breaker: EndpointBreaker,
    call: object,
    longest_hold: float,
    may_begin: Callable[[], None] = lambda: None,
    *,
    is_repeated: bool = False,
) -> int:
    """Wait until a request may be sent, by rate, pause and breaker; returns its number there.

    Args:
        limiter: the limiter of the request's host.
        breaker: the breaker of the request's endpoint.
        call: whose request it is, for the breaker.
        longest_hold: the longest pause of the API that is waited for, in seconds.
        may_begin: called again and again during the wait; what it raises ends the wait.
        is_repeated: whether a request of the call was sent before.

    Raises:
        BreakerOpenError: when the breaker lets no such request pass.
        HeldTooLongError: when the API's pause lasts longer.

    """
    while True:
        limiter.wait_for_turn(longest_hold, may_begin)
        number = breaker.begin(call, is_repeated=is_repeated)
        if number is not None:
            return number
        breaker.wait(LOOK_AGAIN_SECONDS)


class PolicyApi:
    """Calls the policy API; safe to use from several threads.

    Args:
        settings: the settings of the procedure.
        credentials: the values of the secrets that the description names.

    """

    def __init__(self, settings: Settings, credentials: Credentials | None = None) -> None:
        self._settings = settings
        self._credentials = credentials or Credentials()
        self._redactor = Redactor(self._credentials.secrets)
        self.description: Description = read_description(settings.api)
        urls = [wire_address(endpoint.url) for endpoint in self.description.endpoints]
        # A Retry-After counts for a host, and so does the rate.
        self._rate_limiters = {
            urlsplit(url).netloc: RateLimiter(settings.requests_per_second) for url in urls
        }
        tls = any(url.startswith("https:") for url in urls)
        # Each request has its own headers, so that no secret goes to a host that must not see it.
        self._transport = Transport(settings.connections, {}, tls=tls)
        self.breakers = {
            name: EndpointBreaker(settings.breaker_failures, settings.connections)
            for name in ENDPOINTS
        }
        self._check: Callable[[], None] | None = None
        self._may_begin: Callable[[], None] = lambda: None

    def checked(
        self, check: Callable[[], None], may_begin: Callable[[], None] = lambda: None
    ) -> Self:
        """Return the same client, which asks before it sends.

        Args:
            check: called just before each request is sent; it may raise NotPermittedError.
            may_begin: called while the first request of a call waits; it may raise NotBegunError.
                What the two raise before anything was sent, the client's call raises.

        """
        api = copy.copy(self)
        api._check = check
        api._may_begin = may_begin
        return api

    def rest(self) -> float:
        """Seconds until the next request may leave, by the API's pause and by the rate."""
        return max(limiter.rest() for limiter in self._rate_limiters.values())

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def find_policy(self, execution_id: str, policy: Mapping[str, Any] | str) -> ApiOutcome:
        """Ask whether the policy of an execution is there: 'found', 'absent', or a failure.

        An API may show a policy late, so a policy counts as absent only when the API has said so
        again after the pause of the description.
        """
        call = self.finding(execution_id, policy)
        outcome = self.send(call)
        pause = call.endpoint.again_after_seconds
        if outcome.kind != "absent" or not pause:
            return outcome
        time.sleep(pause)
        again = self.send(call)
        return replace(again, requests_sent=outcome.requests_sent + again.requests_sent)

    def create_policy(
        self, execution_id: str, policy: Mapping[str, Any] | str, *, was_sent_before: bool = False
    ) -> ApiOutcome:
        """Create the policy; a policy given as text is sent unchanged.

        Args:
            execution_id: the execution.
            policy: the policy.
            was_sent_before: whether the request may have been sent before.

        """
        return self.send(self.creating(execution_id, policy, was_sent_before=was_sent_before))

    def poll_policy_status(
        self, policy_id: str, values: Mapping[str, str] | None = None, policy: str | None = None
    ) -> ApiOutcome:
        """Ask for the status of a policy; an unclear answer is 'not_ready'."""
        return self.send(self.polling(policy_id, values, policy))

    def trigger_circuit_breaker(
        self,
        execution_id: str,
        policy_id: str,
        api_execution_id: str,
        policy: str | None = None,
        *,
        was_sent_before: bool = False,
    ) -> ApiOutcome:
        """Trigger the circuit breaker of a policy."""
        call = self.triggering(
            execution_id, policy_id, api_execution_id, policy, was_sent_before=was_sent_before
        )
        return self.send(call)

    def finding(self, execution_id: str, policy: Mapping[str, Any] | str) -> Call:
        """The request that asks whether a policy is there."""
        endpoint = self.description.find
        if endpoint is None or endpoint.id_at is None:
            raise ValueError("the description of the policy API has no find")
        id_at = endpoint.id_at

        def judge(seen: Received, show: Show) -> Judgement:
            if seen.status in endpoint.absent:
                return Judgement("absent", f"the API has no such policy: HTTP {seen.status}")
            return judge_found(self._located(seen), id_at, show, self._redactor.holds_part)

        values = self._values({"execution_id": execution_id}, policy)
        meaning = Meaning(judge, may_be_any_json=True, may_be_any_text=in_headers(id_at))
        return Call(endpoint, values, meaning)

    def creating(
        self, execution_id: str, policy: Mapping[str, Any] | str, *, was_sent_before: bool
    ) -> Call:
        """The request that creates a policy."""
        endpoint = self.description.create
        id_at = endpoint.id_at
        is_secret = self._redactor.holds_part

        def sent() -> Mapping[str, Any]:
            return json.loads(policy) if isinstance(policy, str) else policy

        def judge(seen: Received, show: Show) -> Judgement:
            seen = self._located(seen)
            if seen.status in endpoint.already:
                return self._judge_already_created(seen, id_at)
            return judge_created(seen, id_at, sent, self._settings, show, is_secret)

        in_head = id_at is not None and in_headers(id_at)
        meaning = Meaning(
            judge,
            may_be_any_json=_is_of_list(endpoint),
            may_be_any_text=in_head,
            was_sent_before=was_sent_before,
        )
        values = self._values({"execution_id": execution_id}, policy)
        return Call(endpoint, values, meaning, f"{execution_id}:create_policy")

    def polling(
        self, policy_id: str, values: Mapping[str, str] | None = None, policy: str | None = None
    ) -> Call:
        """The request for the status of a policy."""
        endpoint = self.description.poll

        def judge(seen: Received, show: Show) -> Judgement:
            if endpoint.status_at:
                return judge_statuses(seen, endpoint, policy_id, self._settings, show)
            return judge_polled(seen, endpoint.id_at, policy_id, self._settings, show)

        known = self._values({"policy_id": policy_id, **(values or {})}, policy)
        return Call(endpoint, known, Meaning(judge, may_be_any_json=_is_of_list(endpoint)))

    def triggering(
        self,
        execution_id: str,
        policy_id: str,
        api_execution_id: str,
        policy: str | None = None,
        *,
        was_sent_before: bool,
    ) -> Call:
        """The request that triggers the circuit breaker of a policy."""
        endpoint = self.description.trigger
        if endpoint is None:
            raise ValueError("the description of the policy API has no circuit breaker")
        confirmation = endpoint.confirmation

        def judge(seen: Received, show: Show) -> Judgement:
            if seen.status in endpoint.already:
                message = f"circuit breaker confirmed by an earlier request (HTTP {seen.status})"
                return Judgement("triggered", message)
            if confirmation:
                return judge_confirmation(seen, endpoint, confirmation, policy_id, show)
            return judge_triggered(seen, endpoint.id_at, policy_id, self._settings, show)

        values = self._values(
            {
                "policy_id": policy_id,
                "execution_id": execution_id,
                "api_execution_id": api_execution_id,
                "trigger_reason": self._settings.trigger_reason,
            },
            policy,
        )
        meaning = Meaning(
            judge,
            may_be_empty=True,
            may_be_any_json=_is_of_list(endpoint),
            was_sent_before=was_sent_before,
        )
        return Call(endpoint, values, meaning, f"{execution_id}:trigger_circuit_breaker")

    def probing(self, url: str) -> Call:
        """A request that only shows whether a host answers; any answer is 'ready'.

        The request has the headers of a request that the description sends to this host.
        """

        def judge(seen: Received, _: Show) -> Judgement:
            return Judgement("ready", f"the host answers with HTTP {seen.status}")

        meaning = Meaning(judge, may_be_any_text=True)
        host = urlsplit(url).netloc
        own = [e.headers for e in self.description.endpoints if urlsplit(e.url).netloc == host]
        endpoint = Endpoint("poll", "GET", url, headers=own[0] if own else {})
        return Call(endpoint, self._values({}), meaning)

    def prepared(self, call: Call) -> Request:
        """Make the request of a call.

        Raises:
            PlaceholderError: when a placeholder has no value that can stand at its place.

        """
        endpoint = call.endpoint
        address = fill_url(wire_address(endpoint.url), call.values)
        request = Request(endpoint.method, address, self._headers_of(endpoint))
        key, text_of_key = endpoint.key, call.idempotency_key
        if key and key.header:
            request.headers[key.header] = text_of_key
        if endpoint.body is not None:
            in_body = (key.body, text_of_key) if key and key.body else None
            fill = fill_form if endpoint.is_form else fill_body
            text = fill(endpoint.body, call.values, in_body)
            if endpoint.content_type is None:
                request.headers["Content-Type"] = "application/json"
            request.data = text.encode()
        return request

    def read(self, call: Call, answer: Answer) -> ApiOutcome:
        """Understand an answer to a call, without a request."""
        return self._reader(call).answered(answer, call.meaning)

    def send(self, call: Call) -> ApiOutcome:
        """Send the request of a call, and understand its answer."""
        reader = self._reader(call)
        request = Request(call.endpoint.method, wire_address(call.endpoint.url))
        came: Answer | NoAnswerError | None = None
        try:
            request = self.prepared(call)
            came = self._sent(request, call, reader)
            if isinstance(came, NoAnswerError):
                outcome = reader.not_answered(came)
            else:
                outcome = reader.answered(came, call.meaning)
        except (NotPermittedError, NotBegunError):
            raise
        except HeldTooLongError as error:
            outcome = reader.not_sent(error)
        except Exception as error:  # noqa: BLE001  # the error becomes the outcome of this execution
            answer = came if isinstance(came, Answer) else None
            outcome = reader.broken(error, answer, sent=request.requests_sent > 0)
        if request.is_in_doubt and outcome.kind in ("rejected", "unavailable"):
            outcome = replace(outcome, message=f"{outcome.message}; {EARLIER_TRY}")
        return replace(
            outcome, duration_ms=request.milliseconds(), requests_sent=request.requests_sent
        )

    def _headers_of(self, endpoint: Endpoint) -> dict[str, str]:
        known = self._values({})
        return {name: fill_text(text, known) for name, text in endpoint.headers.items()}

    def _values(
        self, texts: Mapping[str, str], policy: Mapping[str, Any] | str | None = None
    ) -> Values:
        return Values({**self._credentials.texts, **texts}, policy)

    def _reader(self, call: Call) -> AnswerReader:
        address = wire_address(call.endpoint.url)
        try:
            shown = fill_url(address, call.values, shown=True)
        except PlaceholderError:
            shown = address
        return AnswerReader(call.endpoint, shown, self._redactor)

    def _located(self, seen: Received) -> Received:
        """The same answer, with what a Location cannot have as an id."""
        create, poll = self.description.create.url, self.description.poll.url
        return replace(seen, collections=collections_of(create, poll.partition("{policy_id}")[0]))

    def _judge_already_created(self, seen: Received, id_at: str | None) -> Judgement:
        """Judge an answer which says that an earlier request created the policy."""
        if id_at is not None:
            place = look_up(id_at, seen)
        else:
            named = policy_ids(levels(seen.body))
            place = Place("found", named[0].value) if named else Place("elsewhere")
        judged = judge_id(place, id_at or "policy_id", self._redactor.holds_part)
        if judged.policy_id is not None:
            return replace(judged, message="policy created by an earlier request")
        message = (
            f"HTTP {seen.status} from the API: an earlier request created the policy, and the "
            "answer does not hold its policy_id"
        )
        return Judgement("unknown", message, "AlreadyWithoutId")

    def _sent(self, request: Request, call: Call, reader: AnswerReader) -> Answer | NoAnswerError:
        """Send a request, and repeat it where that is safe, until the deadline of the call.

        The wait for a turn among our own requests does not count for the deadline.

        Raises:
            HeldTooLongError: when the API's pause lasts longer than a call; nothing was sent.
            NotBegunError: when the breaker of the endpoint is open; nothing was sent.
            NotPermittedError: when the request must not be sent; nothing was sent.
            ValueError: when the arguments make no legal request; nothing was sent.

        """
        settings, endpoint = self._settings, call.endpoint
        breaker = self.breakers[endpoint.step]
        limiter = self._rate_limiters[urlsplit(request.url).netloc]
        mine = object()

        def may_begin() -> None:
            breaker.check()
            self._may_begin()

        number = _turn(limiter, breaker, mine, settings.step_deadline_seconds, may_begin)
        request.started = time.monotonic()
        deadline = request.started + settings.step_deadline_seconds
        came: Answer | NoAnswerError | None = None
        while True:
            try:
                came = self._once(request, deadline)
            except BaseException as error:
                breaker.withdraw(mine)
                if came is None or not isinstance(error, NotPermittedError):
                    raise
                return came
            asked = retry_after(came, endpoint.busy) if isinstance(came, Answer) else None
            if asked is None:
                breaker.note(mine, number, reader.says_down(came, call.meaning))
            elif isinstance(came, Answer):
                # A Retry-After asks for patience: the API neither works nor is down.
                breaker.withdraw(mine, f"HTTP {came.status} with Retry-After")
                limiter.hold(asked, came.status)
            retries = request.requests_sent - 1
            is_busy = isinstance(came, Answer) and came.status in endpoint.busy
            if not is_busy and request.counted_retries == settings.max_retries:
                return came
            if breaker.is_open or not is_sent_again(endpoint, came):
                return came
            request.counted_retries += not is_busy
            is_away = isinstance(came, Answer) and came.status == 503 and not is_busy
            request.is_in_doubt |= is_away and not endpoint.is_read
            if asked is None:
                left = deadline - time.monotonic()
                if is_busy and left <= 0:
                    return came
                time.sleep(min(backoff(retries), max(0.0, left)))
            begun, held = time.monotonic(), limiter.held()
            if held >= deadline - begun:
                return came
            try:
                number = _turn(limiter, breaker, mine, deadline - begun, is_repeated=True)
            except (HeldTooLongError, BreakerOpenError):
                return came
            deadline += max(0.0, time.monotonic() - begun - held)

    def _once(self, request: Request, deadline: float) -> Answer | NoAnswerError:
        if self._check:
            begun = time.monotonic()
            self._check()
            deadline += time.monotonic() - begun
        limit = min(deadline, time.monotonic() + self._settings.timeout_seconds)
        request.requests_sent += 1
        try:
            return self._transport.exchange(
                request.method, request.url, request.headers, request.data, limit, self._check
            )
        except NoAnswerError as error:
            return error
        except (ValueError, NotPermittedError):
            request.requests_sent -= 1
            raise


# --- steps/announcing.py
THIS_REQUEST = "this request without an idempotency key"
SENT_WITHOUT_KEY = "an earlier request without an idempotency key"
SENT_OTHERWISE = "an earlier request, sent when policy_api said otherwise how to know a repetition,"
Changes = Callable[[Execution], Change]
# Reads which of some executions are in doubt.
Doubtful = Callable[[list[str]], set[str]]


def announce(
    announced: Changes, lease_seconds: float, state: ExecutionState, pages: Iterable[Page]
) -> Iterator[Page]:
    """Announce the requests of executions, page by page; yields what this run still owns.

    Args:
        announced: makes the change that announces the request of an execution.
        lease_seconds: how long a lease is.
        state: the tables, for this run.
        pages: the executions whose requests are to be sent.

    """
    for page in pages:
        since = time.monotonic()
        confirmed = state.record([announced(row) for row in page.executions])
        rows = [
            replace(row, sequence=row.sequence + 1)
            for row in page.executions
            if row.execution_id in confirmed
        ]
        if rows:
            yield Page(rows, since, lease_seconds)


def note_doubts(
    is_asked: Callable[[Execution], bool],
    doubtful: Doubtful,
    in_doubt: set[str],
    pages: Iterable[Page],
) -> Iterator[Page]:
    """Add to `in_doubt` which executions may have a request at the API; yields all pages.

    Args:
        is_asked: whether a request may have been sent for an execution.
        doubtful: reads which of them are in doubt.
        in_doubt: takes the ids, before the page's requests are sent.
        pages: the executions whose requests are to be sent.

    """
    for page in pages:
        if asked := [row.execution_id for row in page.executions if is_asked(row)]:
            in_doubt |= doubtful(asked)
        yield page


def without_doubt(
    is_asked: Callable[[Execution], bool],
    doubtful: Doubtful,
    stopped: Changes,
    state: ExecutionState,
    tally: Tally,
    pages: Iterable[Page],
) -> Iterator[Page]:
    """Stop the executions that may have a request at the API; yields the others, page by page.

    Args:
        is_asked: whether a request may have been sent for an execution.
        doubtful: reads which of them are in doubt.
        stopped: makes the change of an execution that is in doubt.
        state: the tables, for this run.
        tally: counts what is stopped.
        pages: the executions whose requests are to be sent.

    """
    for page in pages:
        asked = [row.execution_id for row in page.executions if is_asked(row)]
        in_doubt = doubtful(asked) if asked else set()
        changes = [stopped(row) for row in page.executions if row.execution_id in in_doubt]
        if changes:
            tally.add(changes, state.record(changes))
        rows = [row for row in page.executions if row.execution_id not in in_doubt]
        if rows:
            yield page._replace(executions=rows)


# --- steps/call_time.py
class CallTime:
    """The time of one CALL, and how fast its executions get done.

    Args:
        settings: the procedure's settings.
        begun: when the CALL began, a `time.monotonic()`.

    """

    def __init__(self, settings: Settings, begun: float | None = None) -> None:
        self._begun = time.monotonic() if begun is None else begun
        self._ends = self._begun + settings.call_seconds
        self._connections = settings.connections
        self._most_a_second = settings.requests_per_second
        self._first: float | None = None
        self._done = 0
        self._under_way = 0
        self._lock = threading.Lock()
        self._first_id: str | None = None
        # Whether executions are left for another call, as far as is known.
        self.has_left = False

    @property
    def is_over(self) -> bool:
        """Whether no new request is begun."""
        return time.monotonic() >= self._ends

    def begins(self, execution_id: str) -> bool:
        """Whether the first request of an execution may begin; one may in each call.

        Args:
            execution_id: the execution; threads ask, each for its own.

        """
        with self._lock:
            if self._first_id is None:
                self._first_id = execution_id
            return not self.is_over or self._first_id == execution_id

    def note_begun(self, count: int) -> None:
        """Note executions that are under way from now on, also those that wait for a connection."""
        self._under_way += count

    def note_ended(self, *, is_done: bool) -> None:
        """Note that an execution is no longer under way.

        Args:
            is_done: whether it has an outcome.

        """
        self._under_way -= 1
        self._done += is_done

    def announceable(self) -> int:
        """How many more requests can be announced now and be answered within the time of the call.

        Before anything is known of the API's speed there are as many as there are connections.
        """
        now = time.monotonic()
        left = max(0.0, self._ends - now)
        if self._first is None:
            self._first = now
        count = float(self._connections)
        if self._done:
            count = max(count, left * self._done / max(now - self._first, 0.001))
        if self._most_a_second is not None:
            count = min(count, left * self._most_a_second)
        return min(PAGE_SIZE, int(count) - self._under_way)

    def in_pieces(self, pages: Iterable[Page]) -> Iterator[Page]:
        """Cut pages into pieces whose requests are announced at once; ends when the time is over.

        The first piece comes in any case, so that each call makes progress.
        """
        is_first = True
        for page in pages:
            rest = page.executions
            while rest:
                if self.is_over and not is_first:
                    self.has_left = True
                    return
                is_first = False
                size = max(1, self.announceable())
                yield page._replace(executions=rest[:size])
                rest = rest[size:]


# --- steps/deciding.py
def apply_decision(
    decision: Decision, rows: Sequence[Execution], state: ExecutionState, tally: Tally
) -> tuple[list[Execution], bool]:
    """Record a decision in the events of its execution.

    Where anything happened to the execution since the decision was checked, the person decided
    about something else, and the decision is not applied: a second decision at the same time, for
    example, would send a request twice.

    Args:
        decision: what a person decided.
        rows: the rows of the run as they were claimed.
        state: the tables, for this run.
        tally: counts the change.

    Returns:
        The rows as they are then, and whether the decision was applied.

    """
    claimed = {row.execution_id: row for row in rows}
    row = claimed.get(decision.execution_id)
    if row is None or row.sequence != decision.sequence + 1 or not _has_its_step(decision, row):
        return list(rows), False
    change = _change(decision, row)
    applied = state.record([change])
    if not applied:
        return [other for other in rows if other is not row], False
    if decision.policy_id is not None:
        tally.add([change], applied)
    claimed[row.execution_id] = replace(
        row,
        status=change.status_after,
        sequence=row.sequence + 1,
        policy_id=decision.policy_id or row.policy_id,
    )
    return list(claimed.values()), True


def _has_its_step(decision: Decision, row: Execution) -> bool:
    if decision.step == 3:
        return row.status == POLICY_READY
    if decision.policy_id is None:
        return row.status == PENDING
    return not row.announced


def _change(decision: Decision, row: Execution) -> Change:
    if decision.policy_id is not None:
        return _adoption(decision.policy_id, decision.by, row)
    what = "create the policy" if decision.step == 1 else "trigger the circuit breaker"
    again = Change(
        execution=row,
        step=decision.step,
        attempt=1,
        status_after=row.status,
        event=REPEAT_ALLOWED,
        columns={},
        message=f"{decision.by} decided that the request to {what} is sent again",
    )
    if not decision.confirmed:
        return again
    return replace(
        again,
        status_after=COMPLETED,
        event=TRIGGER_CONFIRMED,
        columns={"circuit_breaker_completed": True},
        message=f"circuit breaker confirmed by {decision.by}, who found it triggered at the API",
    )


def _adoption(policy_id: str, by: str, row: Execution) -> Change:
    message = f"policy {policy_id} is there at the API, as {by} found"
    columns: dict[str, object] = {"policy_id": policy_id}
    if row.policy_id is not None:
        # What was polled until now was another policy.
        columns |= {"poll_count": 0, "requires_circuit_breaker": False}
        message = f"policy {policy_id} takes the place of policy {row.policy_id}, as {by} found"
    return Change(
        execution=row,
        step=1,
        attempt=1,
        status_after=POLICY_CREATED,
        event=POLICY_ADOPTED,
        columns=columns,
        message=message,
    )


# --- steps/step.py
# A crash loses at most one batch of outcomes; the idempotency key makes the repetition safe.
BATCH_SIZE = 200


@dataclass(frozen=True)
class Step:
    """What a step does with one execution.

    Args:
        number: of the step.
        event: the event that records the outcome of a request.
        status: where an execution stands before the step.
        endpoints: which requests the step sends.
        call: sends the request.
        change: makes a change of the outcome.
        is_announced: whether an event announces each request. Then an execution whose request was
            not sent needs an event that says so.

    """

    number: int
    event: str
    status: str
    endpoints: tuple[str, ...]
    call: Callable[[PolicyApi, Execution], ApiOutcome]
    change: Callable[[Execution, ApiOutcome], Change]
    is_announced: bool = False


# What a thread gives back; None asks whether this run still owns its executions.
_Arrived = tuple[Execution, ApiOutcome | BaseException] | None


class StepRun:
    """A step under way.

    HTTP runs in threads. The session and the secret stay on the main thread
    (docs/snowflake_facts.md#secrets). Outcomes are written in batches: when BATCH_SIZE outcomes
    have come, when a third of the lease has passed, and at the end. Enough calls are queued to keep
    all connections busy while a batch is written, and no more: so memory does not grow with the
    number of executions.

    Args:
        settings: the procedure's settings.
        state: the tables, for this run.
        step: what is done.
        tally: counts the changes.
        time_of_call: for how long new requests are begun.

    """

    def __init__(
        self,
        settings: Settings,
        state: ExecutionState,
        step: Step,
        tally: Tally,
        time_of_call: CallTime,
    ) -> None:
        self._settings = settings
        self._state = state
        self._step = step
        self._tally = tally
        self._time = time_of_call
        self._patience = settings.lease_seconds / 3
        self._arrived: SimpleQueue[_Arrived] = SimpleQueue()
        self._ownership = Ownership(settings.lease_seconds, lambda: self._arrived.put(None))
        self.api = PolicyApi(settings, read_credentials(read_description(settings.api)))
        # The executions of the last page that are not queued yet.
        self._waiting: list[Execution] = []
        self._under_way: dict[str, Execution] = {}
        self._batch: list[Change] = []
        self._withheld: list[Execution] = []
        # Executions whose request was announced and not sent.
        self.not_begun: list[Execution] = []
        self._written = self._renewed = time.monotonic()

    @property
    def problem(self) -> tuple[str, str] | None:
        """The endpoint whose breaker this step has opened, and why; None when all are closed."""
        for name in self._step.endpoints:
            if (problem := self.api.breakers[name].problem) is not None:
                return name, problem
        return None

    def run(self, pages: Iterable[Page]) -> None:
        """Go through all pages, or until a breaker opens or the time of the call is over.

        What is under way then is waited for; nothing more is begun.
        """
        found = iter(pages)
        page = next(found, None)
        ended = page is None
        with ThreadPoolExecutor(max_workers=self._settings.connections) as pool:
            try:
                while True:
                    if page is not None and not self._waiting:
                        self._begin(page)
                        page = None
                    while self._waiting and len(self._under_way) < self._most():
                        execution = self._waiting.pop()
                        self._under_way[execution.execution_id] = execution
                        pool.submit(self._request, execution)
                    if page is None and not (ended or self._waiting) and self._takes_more():
                        page = next(found, None)
                        ended = page is None
                        if page is not None:
                            continue
                    if not (self._waiting or self._under_way):
                        break
                    self._receive()
                    if self._under_way or self._waiting or not ended:
                        self._write_what_is_due()
                self._write()
            except BaseException:
                self._ownership.end()
                # Outcomes that have arrived are written, whatever the error was.
                pool.shutdown(cancel_futures=True)
                with suppress(Exception):
                    self._take_what_has_arrived()
                    self._write()
                raise
            finally:
                self._ownership.end()
                pool.shutdown(cancel_futures=True)
                self.api.close()

    def _most(self) -> int:
        return BATCH_SIZE + self._settings.connections

    def _takes_more(self) -> bool:
        """Whether another page is read.

        Announced requests are read ahead only when it is known how fast the API answers, no more
        of them than fit into the call, and not one by one: each announcement is a transaction.
        """
        if self.problem is not None:
            return False
        if self._time.is_over:
            self._time.has_left = True
            return False
        connections = self._settings.connections
        if len(self._under_way) < connections or not self._step.is_announced:
            return True
        return self._time.announceable() >= connections

    def _begin(self, page: Page) -> None:
        self._waiting = list(reversed(page.executions))
        self._time.note_begun(len(self._waiting))
        if not self._under_way:
            self._ownership.confirm(page.since, page.lease_seconds)

    def _client_for(self, execution_id: str) -> PolicyApi:
        """The client for the requests of one execution, which asks before it sends.

        Once its first request is sent, the others of the execution are sent, also late: a find
        would have to be repeated. So is what is announced: an announcement without a request is a
        doubt.
        """
        begun = threading.Event()
        if self._step.is_announced:
            begun.set()

        def check() -> None:
            self._ownership.check(execution_id)
            begun.set()

        def may_begin() -> None:
            if not (begun.is_set() or self._time.begins(execution_id)):
                raise NotBegunError

        return self.api.checked(check, may_begin)

    def _request(self, execution: Execution) -> None:
        """Send one request; runs in a thread."""
        event = self._step.event
        outcome: ApiOutcome | BaseException
        try:
            reached(f"before_request_of_{event}")
            outcome = self._step.call(self._client_for(execution.execution_id), execution)
            reached(f"after_request_of_{event}")
        except BaseException as error:  # noqa: BLE001  # raised on the main thread
            outcome = error
        self._arrived.put((execution, outcome))

    def _receive(self) -> None:
        """Wait for the next outcome, or until something else is due."""
        with suppress(Empty):
            arrived = self._arrived.get(timeout=self._rest())
            if arrived is None:
                self._confirm()
            else:
                self._take(*arrived)

    def _take(self, execution: Execution, outcome: ApiOutcome | BaseException) -> None:
        self._under_way.pop(execution.execution_id, None)
        self._time.note_ended(is_done=isinstance(outcome, ApiOutcome))
        if isinstance(outcome, NotPermittedError):
            self._withheld.append(execution)
            return
        if isinstance(outcome, NotBegunError):
            if self._step.is_announced:
                self.not_begun.append(execution)
            elif self.problem is None:
                self._time.has_left = True
            return
        if isinstance(outcome, BaseException):
            raise outcome
        if not self._batch:
            self._written = time.monotonic()
        self._batch.append(self._step.change(execution, outcome))

    def _take_what_has_arrived(self) -> None:
        while not self._arrived.empty():
            arrived = self._arrived.get()
            if arrived is not None and isinstance(arrived[1], ApiOutcome):
                self._take(*arrived)

    def _confirm(self) -> None:
        """Read which queued executions this run still owns, as a thread has asked."""
        queued = {*self._under_way, *(row.execution_id for row in self._waiting)}
        owned = self._state.still_owned(queued)
        lost = queued - owned.execution_ids
        self._ownership.confirm(owned.since, owned.lease_seconds, lost)

    def _rest(self) -> float:
        """Seconds until a batch must be written or the leases renewed."""
        first = min(self._written, self._renewed) if self._batch else self._renewed
        return max(0.0, first + self._patience - time.monotonic())

    def _write_what_is_due(self) -> None:
        late = time.monotonic() - self._written >= self._patience
        if len(self._batch) >= BATCH_SIZE or (self._batch and late):
            self._write()
        if time.monotonic() - self._renewed >= self._patience:
            self._state.renew_lease()
            self._renewed = time.monotonic()

    def _write(self) -> None:
        batch, self._batch = self._batch, []
        if batch:
            self._tally.add(batch, self._state.record(batch))
        withheld, self._withheld = self._withheld, []
        if withheld:
            self._tally.withheld(len(withheld))
            self._state.withhold(withheld, self._step.number)


def failed(step: int, what: str, execution: Execution, outcome: ApiOutcome) -> str:
    """Make the message of a failed step: the step, the policy, the outcome and the request."""
    about = f"policy {execution.policy_id}" if execution.policy_id else "the policy"
    request = f"{outcome.method} {outcome.url}"
    return f"Step {step} ({what}) failed for {about}: {outcome.message} [{request}]"


# --- steps/running.py
Pages = Iterable[Page]
Stage = Callable[[Pages], Pages]


def _as_they_are(pages: Pages) -> Pages:
    return pages


def run_step(
    settings: Settings,
    state: ExecutionState,
    step: Step,
    pages: Pages,
    tally: Tally,
    time_of_call: CallTime,
    *,
    screened: Stage = _as_they_are,
    prepared: Stage = _as_they_are,
    failed_before: Mapping[str, int] | None = None,
) -> None:
    """Call the API for each execution, write the outcomes, and count them.

    While the breaker of an endpoint is open, nothing is sent, and all executions stay where they
    are. When a probe is due, one run of all sends one request; after a good answer it goes on with
    the rest. When too many answers say that the API is down, nothing more is begun.

    Args:
        settings: the procedure's settings.
        state: the tables, for this run.
        step: what is done.
        pages: the executions.
        tally: counts the changes.
        time_of_call: for how long new requests are begun.
        screened: takes out the executions for which nothing is to be sent, whatever the API says.
        prepared: what is done with the executions just before their requests are sent.
        failed_before: how many policies in a row had failed at an endpoint when the call before
            this one ended.

    """
    _Running(
        settings, state, step, tally, time_of_call, screened, prepared, failed_before or {}
    ).run(iter(pages))


class _Running:
    def __init__(
        self,
        settings: Settings,
        state: ExecutionState,
        step: Step,
        tally: Tally,
        time_of_call: CallTime,
        screened: Stage,
        prepared: Stage,
        failed_before: Mapping[str, int],
    ) -> None:
        self._settings = settings
        self._state = state
        self._step = step
        self._tally = tally
        self._time = time_of_call
        self._screened = screened
        self._prepared = prepared
        self._failed_before = failed_before
        self._description = read_description(settings.api)

    def run(self, pages: Iterator[Page]) -> None:
        first = next(pages, None)
        if first is None:
            return
        everything = iter(self._screened(chain([first], pages)))
        before = self._failed_before
        found = self._open_breakers()
        if not found:
            self._send(everything, self._settings, self._settings.breaker_failures, before)
        elif any(breaker.seconds > 0 for breaker in found):
            self._hold_back(max(found, key=lambda breaker: breaker.seconds))
        elif not self._state.breakers.take_probes(
            [breaker.endpoint for breaker in found], self._probe_seconds()
        ):
            self._hold_back(found[0])
        elif rest := self._probed(everything, {breaker.endpoint: breaker for breaker in found}):
            self._send(rest, self._settings, self._settings.breaker_failures, before)

    def _open_breakers(self) -> list[OpenBreaker]:
        """The breakers of this step's endpoints that are not closed.

        They are read only when the read of the executions saw that a breaker is not closed.
        """
        if not (self._settings.breaker_failures and self._state.sees_open_breakers):
            return []
        found = self._state.breakers.read()
        return [
            found[name]
            for name in self._step.endpoints
            if name in found and found[name].url == address(self._description, name)
        ]

    def _probe_seconds(self) -> int:
        find = self._description.find
        pause = find.again_after_seconds if find else 0
        return probe_seconds(self._settings.timeout_seconds, self._settings.lease_seconds, pause)

    def _probed(
        self, pages: Iterator[Page], waiting: dict[str, OpenBreaker]
    ) -> Iterator[Page] | None:
        """Send the request of one execution, and see by its answer whether the API works.

        Any execution may be the probe, so that a policy that the API never takes does not keep the
        breaker open. The request is not repeated, and ends within the lease of the probe. Where no
        request was sent to an endpoint that is waited for, the next execution is the probe.

        Args:
            pages: the executions.
            waiting: the breakers that are not closed.

        Returns:
            The executions that are left after good answers, which close the breakers; None when the
            API is still down, or nothing is left.

        """
        once = replace(
            self._settings,
            max_retries=0,
            step_deadline_seconds=min(
                self._settings.step_deadline_seconds, self._settings.timeout_seconds
            ),
        )
        for page in pages:
            rest = page.executions
            while rest:
                if self._time.is_over:
                    self._hold_back(next(iter(waiting.values())))
                    return None
                probe = random.choice(rest)  # not for a secret
                rest = [row for row in rest if row is not probe]
                run = self._send([page._replace(executions=[probe])], once, 1, {})
                seen = {name: run.api.breakers[name] for name in waiting}
                for name in [name for name, breaker in seen.items() if breaker.was_good]:
                    self._state.breakers.close(name)
                    del waiting[name]
                if run.problem is not None:
                    return None
                if not waiting:
                    return chain([page._replace(executions=rest)] if rest else [], pages)
                for name in waiting:
                    if (unclear := seen[name].unclear) is not None:
                        self._open(name, unclear, run)
                        return None
        return None

    def _send(
        self, pages: Pages, settings: Settings, failures: int, failed_before: Mapping[str, int]
    ) -> StepRun:
        run = StepRun(settings, self._state, self._step, self._tally, self._time)
        for name in self._step.endpoints:
            run.api.breakers[name] = EndpointBreaker(
                failures, settings.connections, failed_before.get(name, 0)
            )
        run.run(self._prepared(pages))
        self._tally.rest_seconds = run.api.rest()
        self._tally.failed_in_row = {
            name: count
            for name in self._step.endpoints
            if (count := run.api.breakers[name].failed_in_row)
        }
        if run.problem is not None:
            self._open(*run.problem, run)
        return run

    def _open(self, endpoint: str, problem: str, run: StepRun) -> None:
        """Open the breaker of an endpoint, and leave what is not done where it is."""
        url = address(self._description, endpoint)
        breaker = self._state.breakers.open(endpoint, url, problem)
        self._record_unsent(run.not_begun, breaker)
        self._hold_back(breaker)

    def _record_unsent(self, rows: list[Execution], breaker: OpenBreaker) -> None:
        """Record that announced requests were not sent, so that nobody doubts them."""
        endpoint = getattr(self._description, breaker.endpoint)
        outcome = ApiOutcome(
            "unavailable",
            endpoint.method,
            endpoint.url,
            self._message(breaker),
            requests_sent=0,
            error_class=API_BREAKER_OPEN,
        )
        self._record([self._held(row, self._step.event, breaker, outcome) for row in rows], breaker)

    def _hold_back(self, breaker: OpenBreaker) -> None:
        """Leave the executions that are not begun where they are, and give up their leases."""
        for page in self._screened(self._state.owned(self._step.status)):
            changes = [self._held(row, HELD_BACK, breaker) for row in page.executions]
            self._record(changes, breaker)

    def _record(self, changes: list[Change], breaker: OpenBreaker) -> None:
        if changes:
            self._tally.hold_back(len(self._state.record(changes)), breaker)

    def _held(
        self, row: Execution, event: str, breaker: OpenBreaker, outcome: ApiOutcome | None = None
    ) -> Change:
        return Change(
            execution=row,
            step=self._step.number,
            attempt=row.poll_count,
            status_after=row.status,
            event=event,
            columns={},
            outcome=outcome,
            message=self._message(breaker),
            error_class=API_BREAKER_OPEN,
            releases_lease=True,
        )

    def _message(self, breaker: OpenBreaker) -> str:
        return f"Step {self._step.number} was not begun: {breaker.message}"


def address(description: Description, endpoint: str) -> str:
    """The method and the address of an endpoint, with placeholders."""
    found = getattr(description, endpoint)
    return f"{found.method} {found.url}" if found else ""


# --- steps/create.py
CREATE_EVENT = "create_policy"


def create_in_doubt(which: str, execution_id: str) -> str:
    """Say what a person decides when nobody knows whether a request created the policy."""
    retry = "dbt run-operation retry_policy_workflow --args"
    return (
        f"{which} may have created the policy. Look at the API whether "
        f"the policy is there. If it is: {retry} '{{execution_id: {execution_id}, policy_id: ...}}'"
        f". If it is not: {retry} '{{execution_id: {execution_id}, create: again}}'"
    )


def create_policies(
    settings: Settings,
    state: ExecutionState,
    tally: Tally,
    time_of_call: CallTime,
    given: Mapping[str, Given],
    claimed: Sequence[Execution] | None = None,
    since: float | None = None,
    sent_otherwise: Collection[str] | None = (),
    allowed: Collection[str] = (),
    failed_before: Mapping[str, int] | None = None,
) -> None:
    """Create the policy of each execution of this run that is pending.

    A retry sends the stored text of the policy, so that an API that compares the bodies of one
    idempotency key sees no difference. When the whole policy is no longer known, nothing is sent,
    and the execution ends in 'error'. Where a request may have been sent before, the description
    says what happens: the request is repeated with its key; or the API is asked whether the policy
    is there; or a person decides.

    Args:
        settings: the procedure's settings.
        state: the tables, for this run.
        tally: counts the changes.
        time_of_call: for how long new requests are begun.
        given: the policies by execution, where the caller has just given them.
        claimed: all rows of the run as they were claimed; None when they are not known.
        since: when these rows were claimed, if that was a moment ago.
        sent_otherwise: executions that a run began when the API was described otherwise, so that
            the API would not know a repetition; None when this is not known.
        allowed: executions whose policy a person wants to be created, whatever happened before.
        failed_before: how many policies in a row had failed when the call before this one ended.

    """
    description = read_description(settings.api)
    announces = description.announces_creates
    mark = None if announces else repetition_mark(description.create.repetition)
    may_differ = not description.finds and (sent_otherwise is None or bool(sent_otherwise))
    in_doubt: set[str] = set()

    def screened(pages: Iterable[Page]) -> Iterable[Page]:
        if announces or may_differ:
            pages = without_doubt(
                is_asked=lambda row: (
                    _was_resumed(row)
                    and (announces or sent_otherwise is None or row.execution_id in sent_otherwise)
                ),
                doubtful=partial(state.creates_in_doubt, mark=mark),
                stopped=partial(_create_stopped, is_changed=not announces),
                state=state,
                tally=tally,
                pages=pages,
            )
        return pages

    def prepared(pages: Iterable[Page]) -> Iterable[Page]:
        if announces:
            pieces = time_of_call.in_pieces(pages)
            pages = announce(_create_announced, settings.lease_seconds, state, pieces)
        if description.create.already:
            doubtful = partial(state.creates_in_doubt, mark=None)
            pages = note_doubts(_was_resumed, doubtful, in_doubt, pages)
        return pages

    step = Step(
        1,
        CREATE_EVENT,
        PENDING,
        ("find", "create") if description.finds else ("create",),
        partial(_create, description=description, allowed=allowed, in_doubt=in_doubt),
        partial(_after_create, description=description),
        is_announced=announces,
    )
    pages = _sendable(settings, state, tally, given, claimed, since)
    run_step(
        settings,
        state,
        step,
        pages,
        tally,
        time_of_call,
        screened=screened,
        prepared=prepared,
        failed_before=failed_before,
    )


def _sendable(
    settings: Settings,
    state: ExecutionState,
    tally: Tally,
    given: Mapping[str, Given],
    claimed: Sequence[Execution] | None,
    since: float | None,
) -> Iterator[Page]:
    pending = None if claimed is None else [row for row in claimed if row.status == PENDING]
    if pending == []:
        return
    # The policy of a new execution was just given, and is not read back.
    are_new = pending is not None and all(row.sequence == 1 for row in pending)
    known = None
    if pending and are_new and since is not None:
        known = Page(pending, since, settings.lease_seconds)
    for page in state.owned(PENDING, just_claimed=known, with_policies=not are_new):
        rows = [_with_policy(row, given.get(row.execution_id)) for row in page.executions]
        lost = [row for row in rows if _is_lost(row)]
        if lost:
            unsendable = [_after_loss(row) for row in lost]
            tally.add(unsendable, state.record(unsendable))
        sendable = [row for row in rows if row not in lost]
        if sendable:
            yield page._replace(executions=sendable)


def _is_lost(row: Execution) -> bool:
    """Whether a row has no whole policy: it was not read, or its secrets were redacted."""
    return row.policy_json is None or REDACTED in row.policy_json


def _with_policy(row: Execution, given: Given) -> Execution:
    """Take the given policy when the row has no whole policy."""
    return replace(row, policy_json=policy_text(given)) if given and _is_lost(row) else row


def _after_loss(row: Execution) -> Change:
    return _unsent(
        row,
        "Step 1 (create policy) was not begun: the history does not keep the policy's secrets. Run "
        "it again with its policy_data",
        "SecretsNotKept",
    )


def _was_resumed(row: Execution) -> bool:
    """Whether an earlier run may have sent a request: a new execution has one event."""
    return row.sequence > 1


def _create_announced(row: Execution) -> Change:
    return Change(
        execution=row,
        step=1,
        attempt=1,
        status_after=PENDING,
        event=CREATE_INITIATED,
        columns={},
        message="the request to create the policy is about to be sent",
    )


def _create_stopped(row: Execution, *, is_changed: bool) -> Change:
    why = create_in_doubt(SENT_OTHERWISE if is_changed else SENT_WITHOUT_KEY, row.execution_id)
    return _unsent(row, f"Step 1 (create policy) was not repeated: {why}", "CreateInDoubt")


def _unsent(row: Execution, message: str, error_class: str) -> Change:
    return Change(
        execution=row,
        step=1,
        attempt=1,
        status_after=ERROR,
        event=CREATE_EVENT,
        columns={},
        message=message,
        error_class=error_class,
    )


def _create(
    api: PolicyApi,
    execution: Execution,
    *,
    description: Description,
    allowed: Collection[str],
    in_doubt: Collection[str],
) -> ApiOutcome:
    was_resumed = _was_resumed(execution)
    if description.finds and was_resumed and execution.execution_id not in allowed:
        found = _find(api, execution)
        if found.kind != "absent":
            return found
    outcome = api.create_policy(
        execution.execution_id,
        execution.policy_json or "",
        was_sent_before=(
            execution.execution_id in in_doubt
            if description.create.already
            else was_resumed and not description.announces_creates
        ),
    )
    if description.finds and outcome.kind == "unknown":
        # The create was sent: its outcome counts, also when nothing more is begun.
        with suppress(NotBegunError):
            found = _find(api, execution)
            if found.kind == "found":
                return found
    return outcome


def _find(api: PolicyApi, execution: Execution) -> ApiOutcome:
    """Ask whether the policy is there; what is neither yes nor no is unclear."""
    reached("before_request_of_find_policy")
    found = api.find_policy(execution.execution_id, execution.policy_json or "")
    reached("after_request_of_find_policy")
    if found.kind in ("found", "absent"):
        return found
    message = (
        f"the API was asked whether the policy is there, before it is created: {found.message}"
    )
    is_unclear = found.kind in ("unreadable", "not_ready") or found.http_status in (404, 410)
    error_class = "FindUnclear" if is_unclear else found.error_class
    return replace(found, message=message, error_class=error_class)


def _after_create(execution: Execution, outcome: ApiOutcome, *, description: Description) -> Change:
    is_there = outcome.kind in ("created", "found")
    error_class = None if is_there else _error_class(outcome, description)
    message = None if is_there else failed(1, "create policy", execution, outcome)
    if message and description.announces_creates and not outcome.was_not_processed:
        message = f"{message}; {create_in_doubt(THIS_REQUEST, execution.execution_id)}"
    return Change(
        execution=execution,
        step=1,
        attempt=1,
        status_after=POLICY_CREATED if is_there else ERROR,
        event=POLICY_ADOPTED if outcome.kind == "found" else CREATE_EVENT,
        columns={
            "policy_id": outcome.policy_id if is_there else None,
            "api_response": outcome.response,
        },
        outcome=outcome,
        message=message,
        error_class=error_class,
    )


def _error_class(outcome: ApiOutcome, description: Description) -> str | None:
    """The word for a doubt that depends on the description; None to keep the outcome's word."""
    if outcome.kind != "unknown" or outcome.error_class in ("RepeatedConflict", "AlreadyWithoutId"):
        return None
    if description.finds:
        return "CreateToFind"
    return "CreateInDoubt" if description.announces_creates else None


# --- steps/poll.py
def poll_policies(
    settings: Settings,
    state: ExecutionState,
    tally: Tally,
    time_of_call: CallTime,
    unpolled_since: str | None = None,
    failed_before: Mapping[str, int] | None = None,
) -> None:
    """Ask once for the status of each policy of this run that is created and not ready.

    Args:
        settings: the procedure's settings.
        state: the tables, for this run.
        tally: counts the changes.
        time_of_call: for how long new requests are begun.
        unpolled_since: only policies that were not polled since this time, text in UTC.
        failed_before: how many policies in a row had failed when the call before this one ended.

    """
    description = read_description(settings.api)
    change = partial(
        _after_poll,
        max_attempts=settings.max_poll_attempts,
        has_breaker=description.trigger is not None,
    )
    step = Step(2, "poll_policy_status", POLICY_CREATED, ("poll",), _poll, change)
    pages = state.owned(
        POLICY_CREATED,
        with_policies=description.poll.needs_policy,
        unpolled_since=unpolled_since,
    )
    run_step(settings, state, step, pages, tally, time_of_call, failed_before=failed_before)


def _poll(api: PolicyApi, execution: Execution) -> ApiOutcome:
    return api.poll_policy_status(
        execution.policy_id or "",
        {
            "execution_id": execution.execution_id,
            "api_execution_id": execution.known_to_api_as,
        },
        execution.policy_json,
    )


def _after_poll(
    execution: Execution, outcome: ApiOutcome, *, max_attempts: int, has_breaker: bool
) -> Change:
    attempt = execution.poll_count + 1
    message = outcome.message
    error_class = outcome.error_class
    if outcome.kind == "ready":
        after = POLICY_READY
    elif outcome.kind == "failed":
        after = ERROR
        message = failed(2, "poll policy status", execution, outcome)
    elif attempt >= max_attempts:
        after = ERROR
        seen = failed(2, "poll policy status", execution, outcome)
        message = f"{seen}; not ready after {attempt} of {max_attempts} attempts"
        error_class = error_class or "PolicyNotReady"
    else:
        after = POLICY_CREATED
        message = f"not ready at attempt {attempt} of {max_attempts}: {outcome.message}"
    return Change(
        execution=execution,
        step=2,
        attempt=attempt,
        status_after=after,
        event="poll_policy_status",
        columns={
            "poll_count": attempt,
            "policy_status_response": outcome.response,
            "requires_circuit_breaker": True if after == POLICY_READY and has_breaker else None,
        },
        outcome=outcome,
        message=message,
        error_class=error_class,
    )


# --- steps/trigger.py
TRIGGER_EVENT = "trigger_circuit_breaker"


def trigger_in_doubt(which: str, execution_id: str) -> str:
    """Say what a person decides when nobody knows whether the circuit breaker is triggered."""
    retry = "dbt run-operation retry_policy_workflow --args"
    return (
        f"{which} may have triggered the circuit breaker. Look at the API "
        "whether the circuit breaker is triggered. If so: "
        f"{retry} '{{execution_id: {execution_id}, trigger: confirmed}}'. If not: "
        f"{retry} '{{execution_id: {execution_id}, trigger: again}}'"
    )


def trigger_circuit_breakers(
    settings: Settings,
    state: ExecutionState,
    tally: Tally,
    time_of_call: CallTime,
    failed_before: Mapping[str, int] | None = None,
) -> None:
    """Announce and trigger the circuit breaker of each execution of this run that is ready.

    Where the API has no circuit breaker, such an execution is completed without a request.

    Args:
        settings: the procedure's settings.
        state: the tables, for this run.
        tally: counts the changes.
        time_of_call: for how long new requests are begun.
        failed_before: how many policies in a row had failed when the call before this one ended.

    """
    endpoint = read_description(settings.api).trigger
    repetition = endpoint.repetition if endpoint else None
    mark = None if repetition is None else repetition_mark(repetition)
    is_changed = endpoint is None or mark is not None
    in_doubt: set[str] = set()

    def screened(pages: Iterable[Page]) -> Iterable[Page]:
        return without_doubt(
            is_asked=_was_announced,
            doubtful=partial(state.triggers_in_doubt, mark=mark),
            stopped=partial(_trigger_stopped, is_changed=is_changed),
            state=state,
            tally=tally,
            pages=pages,
        )

    if endpoint is None:
        _end_without_breaker(state, tally, screened(state.owned(POLICY_READY)))
        return

    def prepared(pages: Iterable[Page]) -> Iterable[Page]:
        doubtful = partial(state.triggers_in_doubt, mark=None)
        pages = note_doubts(_was_announced, doubtful, in_doubt, pages)
        announced = partial(_trigger_announced, mark=repetition_mark(repetition))
        pieces = time_of_call.in_pieces(pages)
        return announce(announced, settings.lease_seconds, state, pieces)

    step = Step(
        3,
        TRIGGER_EVENT,
        POLICY_READY,
        ("trigger",),
        partial(_trigger, in_doubt=in_doubt),
        partial(_after_trigger, endpoint=endpoint),
        is_announced=True,
    )
    pages = state.owned(POLICY_READY, with_policies=endpoint.needs_policy)
    run_step(
        settings,
        state,
        step,
        pages,
        tally,
        time_of_call,
        screened=screened,
        prepared=prepared,
        failed_before=failed_before,
    )


def _end_without_breaker(state: ExecutionState, tally: Tally, pages: Iterable[Page]) -> None:
    for page in pages:
        changes = [
            Change(
                execution=row,
                step=3,
                attempt=1,
                status_after=COMPLETED,
                event=NO_CIRCUIT_BREAKER,
                columns={"requires_circuit_breaker": False},
                message="completed; the API has no circuit breaker, so none was asked for",
            )
            for row in page.executions
        ]
        tally.add(changes, state.record(changes))


def _was_announced(execution: Execution) -> bool:
    return execution.announced


def _trigger_announced(execution: Execution, *, mark: str) -> Change:
    return Change(
        execution=execution,
        step=3,
        attempt=1,
        status_after=POLICY_READY,
        event=CIRCUIT_BREAKER_INITIATED,
        columns={"requires_circuit_breaker": True, "circuit_breaker_initiated": True},
        message=f"the circuit breaker request is about to be sent{mark}",
    )


def _trigger_stopped(execution: Execution, *, is_changed: bool) -> Change:
    which = SENT_OTHERWISE if is_changed else SENT_WITHOUT_KEY
    return Change(
        execution=execution,
        step=3,
        attempt=1,
        status_after=ERROR,
        event=TRIGGER_EVENT,
        columns={},
        message="Step 3 (trigger circuit breaker) was not repeated: "
        + trigger_in_doubt(which, execution.execution_id),
        error_class="TriggerInDoubt",
    )


def _trigger(api: PolicyApi, execution: Execution, *, in_doubt: Collection[str]) -> ApiOutcome:
    return api.trigger_circuit_breaker(
        execution.execution_id,
        execution.policy_id or "",
        execution.known_to_api_as,
        execution.policy_json,
        was_sent_before=execution.execution_id in in_doubt,
    )


def _after_trigger(execution: Execution, outcome: ApiOutcome, *, endpoint: Endpoint) -> Change:
    triggered = outcome.kind == "triggered"
    message = None if triggered else failed(3, "trigger circuit breaker", execution, outcome)
    is_in_doubt = not (triggered or endpoint.is_repeatable or outcome.was_not_processed)
    if is_in_doubt:
        message = f"{message}; {trigger_in_doubt(THIS_REQUEST, execution.execution_id)}"
    return Change(
        execution=execution,
        step=3,
        attempt=1,
        status_after=COMPLETED if triggered else ERROR,
        event=TRIGGER_EVENT,
        columns={
            "circuit_breaker_completed": True if triggered else None,
            "circuit_breaker_response": outcome.response,
        },
        outcome=outcome,
        message=message,
        error_class="TriggerInDoubt" if is_in_doubt and outcome.kind == "unknown" else None,
    )


# --- cancel_policy_execution.py
MAX_REASON_CHARACTERS = 1000
# The time that a request on its way takes to arrive.
MARGIN_SECONDS = 0.5


def cancel_policy_execution(session: Session, request: str) -> dict[str, Any]:
    """Set one execution that is not completed to 'error', cancelled; nothing is sent.

    A run that owns the execution loses it: the next changes of that run are not applied. When this
    procedure returns, no request is sent for the execution any more: it waits as long as a run may
    send without a new look at the table. A request that was sent before is not taken back.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "execution_ids": [one], "reason": ...}`.

    Returns:
        `cancelled`, whether this call cancelled the execution; `status`, the status now (None when
        there is no such execution); `was_cancelled`, whether the execution is cancelled by now.

    Raises:
        ValueError: when the request is not legal.

    """
    wanted = read_request(request)
    ids = requested_ids(wanted)
    reason = wanted.get("reason")
    if len(ids) != 1:
        raise ValueError("one execution is cancelled at a time")
    if not isinstance(reason, str) or not 0 < len(reason.strip()) <= MAX_REASON_CHARACTERS:
        raise ValueError(f"reason must be a text of 1 to {MAX_REASON_CHARACTERS} characters")
    settings, database = load_settings(), Database(session)
    state = ExecutionState(database, settings, wanted["invocation_id"])
    claims = Claims(database, settings, state, wanted["invocation_id"])
    before = next(iter(state.read(ids)), None)
    done = state.cancel(ids[0], before, f"cancelled: {reason.strip()}")
    seen = claims.look(ids)[ids[0]]
    if done and not (before and _had_no_owner(before, seen.sequence)):
        time.sleep(fresh_seconds(settings.lease_seconds) + MARGIN_SECONDS)
    return {
        "cancelled": done,
        "status": seen.status,
        "was_cancelled": seen.cancelled,
    }


def _had_no_owner(before: Execution, sequence: int) -> bool:
    """Whether no run owned the lease of an execution when it was cancelled."""
    return (before.lease_seconds or 0) <= 0 and sequence == before.sequence + 1


# --- check_policy_api.py
# No policy has this id. The usual answer is 404, which shows that the API answers.
PROBED_POLICY_ID = "policy-workflow-check"


def check_policy_api(session: Session, request: str) -> dict[str, Any]:
    """Ask for the status of a policy that does not exist; nothing is written or created.

    Where the description names more hosts, their roots are asked, too: with GET, which changes
    nothing.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ...}`. With `"reset_breaker"`, an endpoint or "all",
            the breakers are closed by hand, and nothing is sent.

    Returns:
        After `reset_breaker`: `closed`, the endpoints whose breakers were not closed. Otherwise:
        `http_status` (None without an answer), `outcome`, `error_class`, `message`, `url` and
        `duration_ms` of the request with its retries; `others`, the same for each further host;
        `versions`, the versions that run here; `secret_problem`, the secret because of which
        nothing was sent.

    Raises:
        ValueError: when the request is not legal.

    """
    wanted = read_request(request)
    settings = load_settings()
    if wanted.get("reset_breaker") is not None:
        breakers = Breakers(Database(session), settings, wanted["invocation_id"])
        return {"closed": breakers.reset(read_endpoint(wanted["reset_breaker"]))}
    description = read_description(settings.api)
    try:
        credentials = read_credentials(description)
    except SecretError as error:
        return {
            "outcome": "rejected",
            "error_class": "SecretUnusable",
            "message": str(error),
            "secret_problem": error.as_answer(),
            "versions": _versions(),
        }
    api = PolicyApi(settings, credentials)
    try:
        seen = api.send(api.polling(PROBED_POLICY_ID, *_probe(description)))
        others = [_seen_by(api.send(api.probing(url))) for url in _further_hosts(description)]
    finally:
        api.close()
    return {**_seen_by(seen), "others": others, "versions": _versions()}


def _probe(description: Description) -> tuple[dict[str, str], str]:
    """Values for all placeholders of the poll, which name nothing that exists."""
    names = {*names_in(description.poll.url), *names_in(description.poll.body)}
    texts = dict.fromkeys((name for name in names if "." not in name), PROBED_POLICY_ID)
    policy: dict[str, Any] = {}
    for name in names:
        *way, last = name.split(".")[1:] or ["policy_name"]
        inner = policy
        for part in way:
            inner = inner.setdefault(part, {})
        inner[last] = PROBED_POLICY_ID
    return texts, to_json(policy)


def _further_hosts(description: Description) -> list[str]:
    """The roots of the hosts that the poll does not go to."""
    roots = [
        f"{urlsplit(endpoint.url).scheme}://{urlsplit(endpoint.url).netloc}/"
        for endpoint in (
            description.poll,
            description.find,
            description.create,
            description.trigger,
        )
        if endpoint
    ]
    return [root for root in dict.fromkeys(roots) if root != roots[0]]


def _seen_by(seen: ApiOutcome) -> dict[str, Any]:
    return {
        "http_status": seen.http_status,
        "outcome": seen.kind,
        "error_class": seen.error_class,
        "message": seen.message,
        "url": seen.url,
        "duration_ms": seen.duration_ms,
    }


def _versions() -> dict[str, str]:
    """The versions that the account resolved for this procedure."""
    return {
        "Python": platform.python_version(),
        "requests": requests.__version__,
        "urllib3": urllib3.__version__,  # type: ignore[attr-defined]
    }


# --- explain_policy_api.py
_STEPS = ("find", "create", "poll", "trigger")
# Stands for what only the API's answer to the create request can say.
POLICY_ID = "POLICY_ID"


def explain_policy_api(session: Session, request: str) -> dict[str, Any]:  # noqa: ARG001
    """Make the requests of all steps for one policy, and read an answer; nothing is sent.

    Args:
        session: the procedure's Snowpark session; not used.
        request: JSON text, `{"invocation_id": ..., "settings": {...}, "policy_data": {...},
            "execution_id": ..., "policy_id": ...}`, where `settings` are those that other
            procedures have in their bodies, and policy_id may be left out; and, to read an answer,
            `"answer": {"step": ..., "body": <text>, "http_status": ..., "headers": {...}}`. Without
            a step the answer is read as the answer to each step.

    Returns:
        `requests`, for each step its `step`, `method`, `url`, `headers`, `body` (None for a request
        without a body) and `note` (None where there is nothing to say); secrets are shown by their
        placeholders. `readings`: what the answer means at each step, `step`, `request` (None, or
        which of two requests, where the answer means another thing to a repeated request), `kind`,
        `message`, `error_class`, `policy_id` and `note`; none without an answer.

    Raises:
        ValueError: when the request is not legal.

    """
    wanted = read_request(request)
    execution_id = read_execution_id(wanted.get("execution_id"))
    policy = wanted.get("policy_data")
    if problem := policy_problem(policy):
        raise ValueError(f"policy_data {problem}")
    policy_id = wanted.get("policy_id")
    if policy_id is not None:
        policy_id = read_policy_id(policy_id)
    settings = _settings_of(wanted.get("settings"))
    description = read_description(settings.api)
    api = PolicyApi(settings, masked_credentials(description))
    try:
        text = to_json(policy)
        asked = _Asked(api, execution_id, text, policy_id)
        calls = asked.calls()
        shown = [_request_of(api, step, calls.get(step)) for step in _STEPS]
        return {
            "requests": [item for item in shown if item],
            "readings": _readings_of(asked, wanted.get("answer")),
        }
    finally:
        api.close()


def _settings_of(given: Any) -> Settings:
    try:
        return load_settings(to_json(given))
    except (TypeError, AttributeError) as error:
        raise ValueError("settings must be those that the command sends") from error


class _Asked(NamedTuple):
    """What a person wants explained: the requests for one policy."""

    api: PolicyApi
    execution_id: str
    policy: str
    policy_id: str | None

    def calls(
        self, *, policy_id: str | None = None, was_sent_before: bool = True
    ) -> dict[str, Call]:
        """The call of each step that the API has.

        Args:
            policy_id: the policy's id where the person gave none.
            was_sent_before: whether create and trigger are repeated.

        """
        api, execution_id, text = self.api, self.execution_id, self.policy
        known = self.policy_id or policy_id or POLICY_ID
        ids = {"execution_id": execution_id, "api_execution_id": execution_id}
        calls = {
            "create": api.creating(execution_id, text, was_sent_before=was_sent_before),
            "poll": api.polling(known, ids, text),
        }
        if api.description.find:
            calls["find"] = api.finding(execution_id, text)
        if api.description.trigger:
            calls["trigger"] = api.triggering(
                execution_id, known, execution_id, text, was_sent_before=was_sent_before
            )
        return calls


def _request_of(api: PolicyApi, step: str, call: Call | None) -> dict[str, Any] | None:
    if call is None:
        note = "The API has no circuit breaker: the execution is completed when the policy is ready"
        return {"step": step, "note": note} if step == "trigger" else None
    try:
        made = api.prepared(call)
    except PlaceholderError as error:
        return {
            "step": step,
            "method": call.endpoint.method,
            "url": call.endpoint.url,
            "headers": {},
            "body": None,
            "note": f"the request cannot be made: {error}",
        }
    return {
        "step": step,
        "method": made.method,
        "url": made.url,
        "headers": made.headers,
        "body": made.data.decode() if made.data is not None else None,
        "note": _note(call.endpoint, finds=api.description.finds),
    }


def _note(endpoint: Endpoint, *, finds: bool) -> str | None:
    """Say what happens when nobody knows whether the API has processed the request."""
    if endpoint.step == "find":
        return "Asked before a create that may have been sent before"
    if endpoint.is_read:
        return None
    if endpoint.key is not None:
        return "In doubt: sent again with the same idempotency key"
    if endpoint.step == "create" and finds:
        return "In doubt: find is asked, and the policy is created only if it is not there"
    if endpoint.is_repeatable:
        return "In doubt: sent again; a repetition does no harm, as the description says"
    return "In doubt: never sent again by itself; a person decides, with retry_policy_workflow"


def _readings_of(asked: _Asked, answer: Any) -> list[dict[str, Any]]:
    if answer is None:
        return []
    calls = asked.calls()
    step = answer.get("step") if isinstance(answer, dict) else ""
    if step not in (None, *calls):
        raise ValueError(f"the step of an answer is one of {', '.join(sorted(calls))}")
    body, status = answer.get("body"), answer.get("http_status", 200)
    headers = answer.get("headers") or {}
    if not (isinstance(body, str) and isinstance(headers, dict)):
        raise ValueError("the body of an answer is a text, and its headers are an object")  # noqa: TRY004
    if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 599:
        raise ValueError("http_status is a number from 100 to 599")
    came = Answer(
        status,
        body.encode(),
        {str(name).lower(): str(text) for name, text in headers.items()},
        problem=PARTIAL_CONTENT if status == 206 else None,
    )
    return [
        reading
        for name in _STEPS
        if name in calls and step in (None, name)
        for reading in _readings_at(name, asked, came)
    ]


def _readings_at(step: str, asked: _Asked, came: Answer) -> list[dict[str, Any]]:
    """Read an answer at a step: once, or twice where a repeated request would read it otherwise."""
    endpoint = asked.calls()[step].endpoint
    named = None if asked.policy_id else _policy_id_in(came, endpoint)
    is_repeated = not endpoint.is_read and (
        endpoint.is_repeatable or (step == "create" and asked.api.description.finds)
    )
    first, again = (
        asked.api.read(asked.calls(policy_id=named, was_sent_before=repeated)[step], came)
        for repeated in (False, is_repeated)
    )
    note = None
    if named:
        note = f"Read as the answer about policy {named}, which it names; policy_id checks that"
    if first == again:
        return [_reading(step, None, first, note)]
    return [
        _reading(step, "the first request", first, note),
        _reading(step, "a repeated request", again, note),
    ]


def _reading(
    step: str, request: str | None, outcome: ApiOutcome, note: str | None
) -> dict[str, Any]:
    return {
        "step": step,
        "request": request,
        "kind": outcome.kind,
        "message": outcome.message,
        "error_class": outcome.error_class,
        "policy_id": outcome.policy_id,
        "note": note,
    }


def _policy_id_in(came: Answer, endpoint: Endpoint) -> str | None:
    """The id of the policy that an answer to a poll or a trigger is about, where it names one."""
    if endpoint.step not in ("poll", "trigger") or endpoint.confirmation:
        return None
    body, _ = parse_answer(came.body)
    if endpoint.id_at is not None:
        return id_text(look_up(endpoint.id_at, Received(body)).value)
    try:
        read = levels(body) if isinstance(body, dict) else []
    except TooManyPartsError:
        return None
    signs = policy_ids(read) or (own_ids(read) if endpoint.step == "poll" else [])
    return next((sign.says for sign in signs if sign.says), None)


# --- advance_policy_workflow.py
MAX_LIMIT = 10_000


def advance_policy_workflow(session: Session, request: str) -> dict[str, Any]:
    """Clean up, claim what is due, and take each execution as far as it goes without waiting.

    An execution that is not ready is polled once. Then its lease ends, so that the next call can go
    on with it, whoever calls. A Snowflake task or any other scheduler can call this procedure.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "poll_interval_seconds": ..., "limit": ...}`:
            the id of this call, how long after a poll the next poll is due (default: at once), and
            how many executions to take (default: 1000). A task always sends the same text; it lets
            the id end in '*', and the '*' is replaced by a unique text.

    Returns:
        Counts by status of the changes of this call; `open`, how many of its executions are not
        finished; `failed`, the ids of its executions that ended in 'error'. With `secret_problem` a
        secret cannot be used, and nothing was sent.

    Raises:
        ValueError: when the request is not legal.
        SecretError: when a secret cannot be used and nobody reads the answer: a task has to fail.

    """
    wanted = read_request(request)
    interval = whole_number(wanted, "poll_interval_seconds", 0, 0, 86_400)
    limit = whole_number(wanted, "limit", 1000, 1, MAX_LIMIT)
    settings, database = load_settings(), Database(session)
    state = ExecutionState(database, settings, wanted["invocation_id"])
    claims = Claims(database, settings, state, wanted["invocation_id"])
    cleaned = state.clean_up(settings.retention_minutes)
    ids = state.due(interval, limit)
    tally = Tally()
    if not ids:
        return tally.summary(cleaned=cleaned, open=0, failed=[])
    if wanted.get("is_read") is not True:
        read_credentials(read_description(settings.api))
    elif problem := secret_problem(settings.api):
        return tally.summary(cleaned=cleaned, open=0, failed=[], **problem)
    claims.record(ids)
    due: dict[str, Given] = dict.fromkeys(ids)
    seen = claims.look(ids)
    for _ in claims.claim(due, seen, takes_failed=False):
        pass
    otherwise = [id_ for id_, then in seen.items() if then.sent_otherwise]
    time_of_call = CallTime(settings)
    create_policies(settings, state, tally, time_of_call, due, sent_otherwise=otherwise)
    poll_policies(settings, state, tally, time_of_call)
    trigger_circuit_breakers(settings, state, tally, time_of_call)
    state.release(everything=True)
    mine = [row for row in state.read(ids) if row.invocation_id == wanted["invocation_id"]]
    return tally.summary(
        cleaned=cleaned,
        open=sum(not row.is_finished for row in mine),
        failed=[row.execution_id for row in mine if row.status == ERROR],
    )


# --- create_policy.py
def create_policy(session: Session, request: str) -> dict[str, Any]:
    """Clean up, fix which executions the run is for, claim them, and create those still pending.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ...}`, the run's id, and one of these:
            `"executions": [{"execution_id": ..., "policy_data": {...}}]`; without `policy_data` an
            execution is only resumed;
            `"policies_from"`, a relation with policies (see policy_source), each of at most
            `max_policy_characters`;
            `"of_run"`, the id of another run: its executions that are not completed;
            `"take_over": true`: the executions of this run for which no run holds a live lease;
            `"go_on": true`: the executions of this run that are still to be created, after an
            answer with `more`, whose `failed_in_row` is given back.
            Without any of these it only cleans up, with `retention_minutes` (default: the
            registered number).
            With one execution that is resumed, one of these is what a person decided:
            `"create": "again"` or `"trigger": "again"` sends a request again whose outcome is in
            doubt; `"trigger": "confirmed"` says that the circuit breaker is triggered;
            `"policy_id"` is the id of the policy that is there at the API. `"role"` is the role of
            the person, for the event.

    Returns:
        Counts by status of the changes. `total` is the number of the run's executions; `to_poll`
        and `to_trigger` say how many of them this run polls and triggers next; `completed` says how
        many were completed before; `cleaned` is the number of rows removed. With `more` the time of
        the call was over before all were created: another call goes on, with `go_on`.
        Any of these means that nothing was recorded and nothing sent: `refused`, executions that
        exist with another policy_data; `unknown`, ids to resume that do not exist;
        `undecidable`, the execution for which nothing is to be decided, and why;
        `source_problem`, why the relation cannot be read; `invalid` and `invalid_rows`, rows of the
        relation that are no policies; `secret_problem`, the secret that cannot be used, and why.
        With `go_on` the latter means that nothing more is sent, and that no lease is held.

    """
    wanted = read_request(request)
    settings, database = load_settings(), Database(session)
    state = ExecutionState(database, settings, wanted["invocation_id"])
    claims = Claims(database, settings, state, wanted["invocation_id"])
    time_of_call = CallTime(settings)
    if wanted.get("go_on") is True:
        return _go_on(settings, state, time_of_call, read_failed_in_row(wanted))
    if wanted.get("take_over") is True:
        free: dict[str, Given] = dict.fromkeys(claims.free_members())
        seen = claims.look(free)
        return _begin(settings, state, claims, time_of_call, free, seen, takes_failed=False)
    given: dict[str, Given] = dict(requested_executions(wanted))
    decision = read_decision(wanted)
    if decision:
        row = _row_to_decide(decision, database, settings, state)
        if row and (problem := decision.problem(row, wanted["invocation_id"])):
            why = {"execution_id": decision.execution_id, "why": problem}
            return Tally().summary(undecidable=[why])
        by = _who_decides(database, wanted.get("role"))
        decision = decision._replace(by=by, sequence=row.sequence if row else 0)
    if wanted.get("policies_from"):
        policies, problem_of_source = _policies_from(session, wanted)
        if problem_of_source:
            return Tally().summary(**problem_of_source)
        given.update(policies)
    if of_run := wanted.get("of_run"):
        given.update(dict.fromkeys(claims.members(read_run_id(of_run))))
    if not given:
        return Tally().summary(cleaned=_cleaned(wanted, settings, state), total=0)
    seen, cleaned = _look(settings, state, claims, given)
    if of_run:
        members = len(given)
        given = {id_: None for id_ in given if seen[id_].status != COMPLETED}
        if not given:
            return Tally().summary(cleaned=cleaned, total=0, members=members)
    elif unknown := [id_ for id_, policy in given.items() if policy is None and seen[id_].is_new]:
        return Tally().summary(cleaned=cleaned, unknown=unknown[:LISTED])
    if others := differing(given, seen):
        return Tally().summary(cleaned=cleaned, refused=_shown(given, others), refusals=len(others))
    begun = _begin(
        settings, state, claims, time_of_call, given, seen, takes_failed=True, decision=decision
    )
    return begun | {"cleaned": cleaned}


def _go_on(
    settings: Settings,
    state: ExecutionState,
    time_of_call: CallTime,
    failed_before: Mapping[str, int],
) -> dict[str, Any]:
    """Create the executions that this run has claimed in an earlier call and not begun."""
    tally = Tally()
    if problem := secret_problem(settings.api):
        state.release(everything=True)
        return tally.summary(**problem)
    create_policies(
        settings, state, tally, time_of_call, {}, sent_otherwise=None, failed_before=failed_before
    )
    return tally.summary(has_left=time_of_call.has_left, to_poll=tally.counts[POLICY_CREATED])


def _begin(
    settings: Settings,
    state: ExecutionState,
    claims: Claims,
    time_of_call: CallTime,
    given: Mapping[str, Given],
    seen: Mapping[str, Seen],
    *,
    takes_failed: bool,
    decision: Decision | None = None,
) -> dict[str, Any]:
    """Claim executions, apply what a person decided, and create those that are pending."""
    tally = Tally()
    is_open = any(then.status != COMPLETED for then in seen.values())
    if is_open and (problem := secret_problem(settings.api)):
        return tally.summary(**problem)
    if takes_failed:  # A takeover is of executions that are recorded.
        claims.record(list(given))
    since = time.monotonic()
    claimed = list(claims.claim(given, seen, takes_failed=takes_failed))
    rows = [row for part in claimed for row in part]
    is_allowed = False
    if decision:
        rows, is_allowed = apply_decision(decision, rows, state, tally)
    # One part was claimed a moment ago; the first parts of a long list were claimed earlier.
    create_policies(
        settings,
        state,
        tally,
        time_of_call,
        given,
        rows,
        since if len(claimed) <= 1 else None,
        sent_otherwise=[id_ for id_, then in seen.items() if then.sent_otherwise],
        allowed=[decision.execution_id] if decision and is_allowed else [],
    )
    at = Counter(row.status for row in rows)
    return tally.summary(
        has_left=time_of_call.has_left,
        total=len(given),
        to_poll=at[POLICY_CREATED] + tally.counts[POLICY_CREATED],
        to_trigger=at[POLICY_READY],
        completed=sum(then.status == COMPLETED for then in seen.values()),
    )


def _look(
    settings: Settings, state: ExecutionState, claims: Claims, given: Mapping[str, Given]
) -> tuple[dict[str, Seen], int]:
    """Read the status of executions, after finished rows past their retention are removed.

    Rows that are wanted now go with the others: a claim finds them in the history.
    """
    seen = claims.look(given)
    if not claims.expired:
        return seen, 0
    cleaned = state.clean_up(settings.retention_minutes)
    return claims.look(given), cleaned


def _cleaned(wanted: Mapping[str, Any], settings: Settings, state: ExecutionState) -> int:
    """Remove finished rows, older than the retention that is asked for or registered."""
    retention = wanted.get("retention_minutes")
    return state.clean_up(settings.retention_minutes if retention is None else int(retention))


def _policies_from(
    session: Session, wanted: Mapping[str, Any]
) -> tuple[Mapping[str, Given], dict[str, Any]]:
    """Read the policies of a relation, or why they cannot be taken, as the answer has it."""
    most = whole_number(dict(wanted), "max_policy_characters", 100_000, 1, 900_000)
    try:
        source = read_policy_source(session, wanted["policies_from"], wanted["invocation_id"], most)
    except SourceError as error:
        return {}, {"source_problem": str(error)}
    if not source.invalid:
        return source.policies, {}
    return {}, {
        "total": len(source.policies) + source.invalid,
        "invalid": source.invalid,
        "invalid_rows": source.problems,
    }


def _row_to_decide(
    decision: Decision, database: Database, settings: Settings, state: ExecutionState
) -> Execution | None:
    """Read the row that a decision is about; retention may have removed the row."""
    wanted = [decision.execution_id]
    row = next(state.read(wanted), None)
    if row is None:
        database.in_transaction(partial(restore, database, settings, wanted))
        row = next(state.read(wanted), None)
    return row


def _who_decides(database: Database, role: Any) -> str:
    """Name the person who calls; the role is the caller's word, as the owner's role runs here."""
    ((user,),) = database.select("select current_user() as user_name")
    known = f"user {user}" if user else "a user"
    return printable(f"{known} with role {role}" if isinstance(role, str) else known, 300)


def _shown(given: Mapping[str, Given], others: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The first executions that exist with another policy, with both policies redacted."""
    return [
        {
            "execution_id": id_,
            "stored": redact(stored),
            "given": redact(parsed_policy(given[id_])),
        }
        for id_, stored in list(others.items())[:LISTED]
    ]


# --- poll_policy_status.py
def poll_policy_status(session: Session, request: str) -> dict[str, Any]:
    """Send GET /policy/{policy_id} once for each execution of this run at 'policy_created'.

    'Not ready yet' is no error until the last attempt.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "release": false, "round": ...,
            "failed_in_row": ...}`. With
            `release` the run ends its leases of executions that still wait, so that another run can
            go on. `round` is what the first call of a round answered, for the others of the round;
            `failed_in_row` is what the call before answered.

    Returns:
        Counts by status of the changes; `open` is the number of executions that still wait, and
        `ready` of those that can be triggered. With `more` the time of the call was over before all
        were polled: another call goes on, with `round`. With `secret_problem` a secret cannot be
        used: nothing was sent, and the run's leases are ended.

    """
    wanted = read_request(request)
    settings = load_settings()
    state = ExecutionState(Database(session), settings, wanted["invocation_id"])
    tally = Tally()
    if problem := secret_problem(settings.api):
        state.release(everything=True)
        return tally.summary(open=0, ready=0, **problem)
    time_of_call = CallTime(settings)
    began = read_moment(wanted, "round")
    poll_policies(settings, state, tally, time_of_call, began, read_failed_in_row(wanted))
    if wanted.get("release") is True and not time_of_call.has_left:
        state.release()
    return tally.summary(
        has_left=time_of_call.has_left,
        open=tally.counts[POLICY_CREATED],
        ready=tally.counts[POLICY_READY],
        round=began or state.read_at,
    )


# --- trigger_circuit_breaker.py
def trigger_circuit_breaker(session: Session, request: str) -> dict[str, Any]:
    """Send POST /circuit for each execution of this run that the table says is 'policy_ready'.

    Before each request a guarded UPDATE notes that the request is about to be sent. When the row is
    no longer ready, or this run no longer owns the lease, nothing is sent.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "failed_in_row": ...}`; the latter is what
            the call before answered.

    Returns:
        Counts by status of the changes. With `more` the time of the call was over before all were
        triggered: another call goes on. With `secret_problem` a secret cannot be used: nothing was
        sent, and the run's leases are ended.

    """
    wanted = read_request(request)
    settings = load_settings()
    state = ExecutionState(Database(session), settings, wanted["invocation_id"])
    tally = Tally()
    if problem := secret_problem(settings.api):
        state.release(everything=True)
        return tally.summary(**problem)
    time_of_call = CallTime(settings)
    trigger_circuit_breakers(settings, state, tally, time_of_call, read_failed_in_row(wanted))
    return tally.summary(has_left=time_of_call.has_left)
{% endraw %}
{%- endmacro %}
