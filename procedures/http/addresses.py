"""Makes the address of a request exactly as it goes over the wire.

requests and urllib3 each change an address before they send it: they remove dot segments, encode
some characters, and decode others. So an address that people see would differ from the one that was
sent. An address in normal form (RFC 3986, 6.2.2) is changed by neither of them.
"""

from __future__ import annotations

import re
from functools import lru_cache

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
