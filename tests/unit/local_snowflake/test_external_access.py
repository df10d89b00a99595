"""Egress, secrets and integrations, as Snowflake has them."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.unit.local_snowflake.account import Account

GET = "import requests\ndef run(session, url):\n    return requests.get(url, timeout=2).status_code"


@pytest.fixture
def web() -> Iterator[int]:
    """Serve 404 on a free port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def _allow(account: Account, value: str, more: str = "") -> str:
    name = f"I_{account.schema}"
    account.run(
        f"create or replace network rule r mode = egress type = host_port value_list = ('{value}')"
    )
    account.run(
        f"create or replace external access integration {name} "
        f"allowed_network_rules = (r) {more} enabled = true"
    )
    return name


def test_an_allowed_host_and_port_is_reached(account: Account, web: int) -> None:
    """A host:port in the rule of the procedure's integration can be reached."""
    name = _allow(account, f"127.0.0.1:{web}")
    account.procedure("p", GET, "url varchar", "number", f"external_access_integrations = ({name})")
    assert account.value(f"call p('http://127.0.0.1:{web}/')") == 501


def test_a_host_outside_the_rules_is_not_resolved(account: Account) -> None:
    """Another host fails as name resolution, not as 'forbidden'."""
    name = _allow(account, "api.example.com")
    account.procedure("p", GET, "url varchar", "number", f"external_access_integrations = ({name})")
    with pytest.raises(ProgrammingError, match="Temporary failure in name resolution"):
        account.run("call p('https://other.example.com/')")


def test_without_an_integration_nothing_is_reached(account: Account, web: int) -> None:
    """A procedure without an integration reaches no host."""
    account.procedure("p", GET, "url varchar", "number")
    with pytest.raises(ProgrammingError, match=r"Temporary failure in name resolution|timed out"):
        account.run(f"call p('http://localhost:{web}/')")


def test_another_port_of_an_allowed_host_times_out(account: Account, web: int) -> None:
    """A port that is not in the rule is a connect timeout."""
    name = _allow(account, "127.0.0.1:1")
    account.procedure("p", GET, "url varchar", "number", f"external_access_integrations = ({name})")
    with pytest.raises(ProgrammingError, match="timed out"):
        account.run(f"call p('http://127.0.0.1:{web}/')")


def test_a_disabled_integration_opens_nothing(account: Account, web: int) -> None:
    """ENABLED = FALSE closes the way."""
    name = _allow(account, f"127.0.0.1:{web}").strip()
    account.run(
        f"create or replace external access integration {name} "
        "allowed_network_rules = (r) enabled = false"
    )
    account.procedure("p", GET, "url varchar", "number", f"external_access_integrations = ({name})")
    with pytest.raises(ProgrammingError, match=r"name resolution|timed out"):
        account.run(f"call p('http://127.0.0.1:{web}/')")


@pytest.mark.parametrize(
    "value", ["https://x.example.com", "x.example.com/path", "*.com", "a.*.b.com"]
)
def test_rules_hold_hosts_not_urls(account: Account, value: str) -> None:
    """VALUE_LIST takes host[:port], without scheme or path, with one leading wildcard label."""
    with pytest.raises(ProgrammingError, match="Invalid value"):
        _allow(account, value)


def test_secrets_are_read_by_their_alias(account: Account) -> None:
    """A procedure reads the secrets it names, when its integration allows them."""
    account.run("create secret s type = generic_string secret_string = 'top'")
    account.run("create secret up type = password username = 'me' password = 'word'")
    name = _allow(account, "x.example.com", "allowed_authentication_secrets = (s, up)")
    body = (
        "import _snowflake\ndef run(session):\n"
        "    pair = _snowflake.get_username_password('b')\n"
        "    return [_snowflake.get_generic_secret_string('a'), pair.username, pair.password]"
    )
    options = f"external_access_integrations = ({name}) secrets = ('a' = s, 'b' = up)"
    account.procedure("p", body, options=options)
    assert "top" in account.value("call p()")
    assert "top" not in str(account.run("show secrets"))


def test_a_secret_must_be_allowed_by_the_integration(account: Account) -> None:
    """SECRETS without ALLOWED_AUTHENTICATION_SECRETS is refused at CREATE."""
    account.run("create secret s type = generic_string secret_string = 'top'")
    name = _allow(account, "x.example.com")
    with pytest.raises(ProgrammingError, match="not allowed"):
        account.procedure(
            "p",
            "def run(session):\n    return 1",
            options=f"external_access_integrations = ({name}) secrets = ('a' = s)",
        )
