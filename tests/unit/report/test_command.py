"""The command: what it needs and refuses, and that it writes a file completely or not at all."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from local_stack import cli
from report.command import main, run, write
from report.connection import NotConnectedError, connection_parameters
from tests.repository import ROOT

KEY = {"SNOWFLAKE_ACCOUNT": "a", "SNOWFLAKE_USER": "u", "SNOWFLAKE_PRIVATE_KEY_PATH": "/k.p8"}


def _arguments(output: Path) -> argparse.Namespace:
    return argparse.Namespace(output=output, days=7, title="Policies")


def test_the_variables_of_dbts_profile_are_used() -> None:
    """Variables become parameters under the connector's names; empty ones are left out."""
    found = connection_parameters(
        {
            "SNOWFLAKE_ACCOUNT": "a",
            "SNOWFLAKE_USER": "u",
            "SNOWFLAKE_PASSWORD": "p",
            "SNOWFLAKE_HOST": "127.0.0.1",
            "SNOWFLAKE_PORT": "8080",
            "SNOWFLAKE_DATABASE": "D",
            "SNOWFLAKE_ROLE": "",
            "OTHER": "x",
        }
    )
    wanted = {"account": "a", "user": "u", "password": "p", "host": "127.0.0.1", "database": "D"}
    assert wanted | {"port": 8080, "paramstyle": "qmark"} == {
        key: value for key, value in found.items() if key != "login_timeout"
    }


def test_a_token_stands_in_place_of_a_password() -> None:
    """A token is sent as the password, as dbt's profile does, unless an authenticator is named."""
    account = {"SNOWFLAKE_ACCOUNT": "a", "SNOWFLAKE_USER": "u", "SNOWFLAKE_TOKEN": "t"}
    found = connection_parameters(account)
    assert (found["password"], "token" in found) == ("t", False)
    named = connection_parameters(account | {"SNOWFLAKE_AUTHENTICATOR": "OAUTH"})
    assert (named["token"], "password" in named) == ("t", False)


def test_a_key_signs_in_with_a_token_of_its_own() -> None:
    """A private key implies its authenticator; an authenticator that is named stays."""
    assert connection_parameters(KEY)["authenticator"] == "SNOWFLAKE_JWT"
    assert connection_parameters(KEY)["private_key_file"] == "/k.p8"
    named = connection_parameters(KEY | {"SNOWFLAKE_AUTHENTICATOR": "OAUTH"})
    assert named["authenticator"] == "OAUTH"


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "SNOWFLAKE_ACCOUNT and SNOWFLAKE_USER not set"),
        ({"SNOWFLAKE_ACCOUNT": "a"}, "SNOWFLAKE_USER not set"),
        (KEY | {"SNOWFLAKE_PORT": "http"}, "SNOWFLAKE_PORT must be a number; got 'http'"),
    ],
)
def test_what_is_missing_is_named(environment: dict[str, str], named: str) -> None:
    """The error names the variable that is missing or unusable."""
    with pytest.raises(NotConnectedError, match=named):
        connection_parameters(environment)


def test_without_an_account_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is 2, the message names the variable, and there is no file."""
    assert run(_arguments(tmp_path / "report.html"), {}) == 2
    assert "SNOWFLAKE_ACCOUNT" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_refused_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An output that is a folder, or is in a missing folder, is refused before anything is read."""
    for output in (tmp_path, tmp_path / "none" / "report.html"):
        assert run(_arguments(output), {}) == 2
        assert "no file that can be written" in capsys.readouterr().err


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    """The new content is there, readable for all, and no other file is left."""
    output = tmp_path / "report.html"
    write(output, "old")
    write(output, "new ✓")
    assert output.read_text(encoding="utf-8") == "new ✓"
    assert output.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """A text that cannot be encoded leaves the old content, and no other file."""
    output = tmp_path / "report.html"
    write(output, "old")
    with pytest.raises(UnicodeEncodeError):
        write(output, "\ud800")
    assert output.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize("command", [main, lambda rest: cli.main(["report", *rest])])
@pytest.mark.parametrize("days", ["0", "3651", "-1", "1.5", "week", "²"])
def test_an_unusable_window_is_refused(
    days: str, command: Callable[[Sequence[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Both commands that write the report name the windows that they take."""
    with pytest.raises(SystemExit) as ended:
        command(["--days", days])
    assert ended.value.code == 2
    assert "from 1 to 3650" in capsys.readouterr().err


WITHOUT_STREAMLIT = """
import sys

sys.modules["streamlit"] = None
from report import __main__
from report.page import page
from tests.unit.report.overviews import execution, overview, story

found = overview({"completed": 1}, recent=[execution()])
print(len(page("Policies", found, {"run-1": story()})))
"""


def test_the_page_does_without_streamlit() -> None:
    """Where Streamlit is not installed, the command starts and the page is made."""
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_STREAMLIT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 1000
