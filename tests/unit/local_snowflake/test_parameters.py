"""SHOW PARAMETERS and ALTER SESSION, as Snowflake has them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_snowflake.server import LocalSnowflake
from tests.unit.local_snowflake.account import Account


@pytest.fixture
def account_parameters(server: LocalSnowflake) -> Iterator[dict[str, str]]:
    """Give the account's parameters, and unset them afterwards."""
    yield server.account.parameters
    server.account.parameters.clear()


def _shown(account: Account, tail: str) -> dict[str, tuple[str, str]]:
    rows = account.rows(f"show parameters {tail}")
    return {row["key"]: (row["value"], row["level"]) for row in rows}


def test_a_default_has_no_level(account: Account) -> None:
    """A parameter that nobody set is shown with its default, and without a level."""
    [row] = account.rows("show parameters like 'QUOTED_IDENTIFIERS_IGNORE_CASE' in session")
    assert list(row) == ["key", "value", "default", "level", "description", "type"]
    assert (row["value"], row["default"], row["level"]) == ("false", "false", "")
    assert row["description"]


def test_a_session_has_the_accounts_value(
    account: Account, account_parameters: dict[str, str]
) -> None:
    """A value of the account is the session's, too, until the session sets its own."""
    name = "QUOTED_IDENTIFIERS_IGNORE_CASE"
    account_parameters[name] = "true"
    for tail in ("in account", "for account", "in session", "for session", ""):
        assert _shown(account, f"like '{name}' {tail}") == {name: ("true", "ACCOUNT")}
    account.run(f"alter session set {name} = FALSE")
    assert _shown(account, f"like '{name}' in session") == {name: ("false", "SESSION")}
    assert _shown(account, f"like '{name}' in account") == {name: ("true", "ACCOUNT")}
    account.run(f"alter session unset {name}")
    assert _shown(account, f"like '{name}' in session") == {name: ("true", "ACCOUNT")}


def test_what_only_an_account_has_is_no_sessions(
    account: Account, account_parameters: dict[str, str]
) -> None:
    """A parameter of the account that is none of sessions is shown IN ACCOUNT only."""
    name = "DEFAULT_PYTHON_ARTIFACT_REPOSITORY"
    repository = "snowflake.snowpark.pypi_shared_repository"
    account_parameters[name] = repository
    assert _shown(account, f"like '{name}' in account") == {name: (repository, "ACCOUNT")}
    assert _shown(account, f"like '{name}' in session") == {}


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("query_tag", True),
        ("QUERY%", True),
        ("%_tAG", True),
        ("QUERY_TA_", True),
        ("QUERY", False),
        ("", False),
    ],
)
def test_like_has_wildcards_and_no_case(account: Account, pattern: str, found: bool) -> None:
    """LIKE takes % and _, without case, for the whole name."""
    shown = _shown(account, f"like '{pattern}' in session /* dbt's comment */")
    assert ("QUERY_TAG" in shown) == found


def test_the_query_tag_as_dbt_changes_it(account: Account) -> None:
    """A session can read its query tag, set another and set it back or unset it, as dbt does."""
    tag = "like 'query_tag' in session"
    assert _shown(account, tag) == {"QUERY_TAG": ("", "")}
    account.run("""alter session set query_tag = 'it''s {"a": "b\\\\\\\\c"}'""")
    assert _shown(account, tag) == {"QUERY_TAG": ("""it's {"a": "b\\\\c"}""", "SESSION")}
    account.run("alter session unset query_tag")
    assert _shown(account, tag) == {"QUERY_TAG": ("", "")}


def test_a_tag_given_at_sign_in(account: Account) -> None:
    """Session parameters of the connection are the session's: dbt gives its tag that way."""
    given = {"QUERY_TAG": "from the profile", "CLIENT_SESSION_KEEP_ALIVE": True, "UNHEARD_OF": 1}
    other = Account(account.server, account.schema, session_parameters=given)
    shown = _shown(other, "")
    assert shown["QUERY_TAG"] == ("from the profile", "SESSION")
    assert shown["CLIENT_SESSION_KEEP_ALIVE"] == ("true", "SESSION")
    assert "UNHEARD_OF" not in shown
    other.connection.close()
    assert _shown(account, "like 'query_tag'") == {"QUERY_TAG": ("", "")}


def test_several_parameters_in_one_statement(account: Account) -> None:
    """SET takes several parameters, UNSET a list; each session has its own values."""
    account.run("alter session set JSON_INDENT = 0 timezone = 'America/Los_Angeles'")
    shown = _shown(account, "")
    assert shown["JSON_INDENT"] == ("0", "SESSION")
    assert shown["TIMEZONE"] == ("America/Los_Angeles", "SESSION")
    account.run("alter session unset json_indent, timezone")
    assert _shown(account, "like 'JSON_INDENT'") == {"JSON_INDENT": ("2", "")}


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("alter session set nonsense = 1", (1006, "22023")),
        ("alter session unset nonsense", (1006, "22023")),
        ("alter session set query_tag = 'x' nonsense = 1", (1006, "22023")),
        ("alter session set quoted_identifiers_ignore_case = 'perhaps'", (1008, "22023")),
        ("alter session set lock_timeout = 'long'", (1008, "22023")),
        ("alter session set", (1003, "42000")),
        ("alter session set query_tag", (1003, "42000")),
        ("alter session set autocommit = false", (2, "0A000")),
        ("show parameters in warehouse w", (2, "0A000")),
    ],
)
def test_what_is_refused(account: Account, statement: str, error: tuple[int, str]) -> None:
    """Unknown parameters, values they cannot have, and forms not known here; nothing is changed."""
    assert account.refused(statement) == error
    assert _shown(account, "like 'query_tag'") == {"QUERY_TAG": ("", "")}


def test_what_the_clients_send_is_taken(account: Account) -> None:
    """The connector's autocommit and Snowpark's own parameters are no errors."""
    account.connection.autocommit(True)
    account.run("alter session set PYTHON_SNOWPARK_USE_SQL_SIMPLIFIER = True")
    account.run("alter session set ACTIVE_PYTHON_PROFILER = ''")


def test_every_role_reads_parameters(guest: Account) -> None:
    """A role that owns nothing sees the parameters and changes its session's."""
    guest.run("alter session set query_tag = 'mine'")
    assert _shown(guest, "like 'query_tag'") == {"QUERY_TAG": ("mine", "SESSION")}
    assert "QUERY_TAG" in _shown(guest, "in account")
