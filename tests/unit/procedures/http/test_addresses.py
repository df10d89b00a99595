"""The address that people see is the one that goes over the wire, to the letter."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from procedures.http.addresses import wire_address
from procedures.http.policy_api import PolicyApi
from tests.unit.procedures.builders import make_api, make_settings
from tests.unit.procedures.http.wire import answer, wire


def _sent(paths: list[str], policy_id: str = "a/b|c") -> list[tuple[str, str]]:
    """Poll at each path: what the first line of the request had, and what the outcome shows."""
    lines: list[str] = []

    def script(connection: socket.socket, head: str, _: bytes) -> None:
        lines.append(head.split(" ")[1])
        connection.sendall(answer('{"status": "active"}'))

    shown = []
    with wire(script) as server:
        for path in paths:
            api = make_api(server.url, poll={"url": server.url + path})
            outcome = PolicyApi(make_settings(api=api)).poll_policy_status(policy_id)
            assert outcome.kind == "ready", outcome.message
            shown.append(outcome.url.removeprefix(server.url))
    return list(zip(lines, shown, strict=True))


@pytest.mark.parametrize(
    ("path", "on_the_wire"),
    [
        ("/a/../b", "/b"),
        ("/a/%2e%2E/b", "/b"),
        ("/a/./b/.", "/a/b/"),
        ("/a/b/..", "/a/"),
        ("/..", "/"),
        ("/%41%7e%2f", "/A~%2F"),
        ("/a|b^`", "/a%7Cb%5E%60"),
        ("/x[1]?y[2]=3", "/x%5B1%5D?y%5B2%5D=3"),
        ("/a?", "/a"),
        ("//a//b", "/a//b"),
        ("/100%/%zz", "/100%25/%25zz"),
        ('/a\\b"<>', "/a%5Cb%22%3C%3E"),
        ("/a?b=/c?d&e='f'", "/a?b=/c?d&e='f'"),
        ("/p/{policy_id}/../s", "/p/s"),
        ("/p/{policy_id}?of={policy_id}", "/p/a%2Fb%7Cc?of=a%2Fb%7Cc"),
    ],
)
def test_what_is_shown_is_what_is_sent(path: str, on_the_wire: str) -> None:
    """Dot segments, needless and missing encodings: normal once, the same in line and event."""
    assert _sent([path]) == [(on_the_wire, on_the_wire)]


@given(
    st.lists(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#{}")))
)
@example(["%", "%2", "%2e", "..", "a%2Fb", "?", "??", "a?%41?"])
@settings(max_examples=60, deadline=None)
def test_any_address_is_shown_as_sent(parts: list[str]) -> None:
    """Whatever a description may have as a path, the first line of the request has it as shown."""
    for sent, shown in _sent(["/" + "/".join(parts)]):
        assert sent == shown


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#{}")))
def test_a_normal_address_stays(path: str) -> None:
    """The normal form of a normal form is the same, and leads to the same host."""
    once = wire_address(f"HTTPS://API.example.com:8443/{path}")
    assert wire_address(once) == once
    assert urlsplit(once).netloc == "api.example.com:8443"
