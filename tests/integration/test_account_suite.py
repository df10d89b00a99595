"""`make test-account`, by somebody who has an account: here one that is on this machine.

The local Snowflake and the policy API are this module's own, and nothing but variables leads the
processes of the tests to them. The role may do what the preflight asks for, in a database that no
test knows.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_snowflake.server import LocalSnowflake
from local_stack.account import ACCOUNT
from local_stack.policy_api import PolicyApi
from tests.account.__main__ import main as preflight
from tests.account.account import PREFIX, Account
from tests.account.preflight import Preflight
from tests.integration.parsed_project import FOLDER
from tests.repository import ROOT
from tests.unit.account.echo_api import echo_api

pytestmark = pytest.mark.usefixtures("local_only")

FOREIGN = ("SNOWFLAKE_", "POLICY_", "DBT_", "PYTEST_")
TOKEN = "a-token-for-the-control-endpoints"
RUN = "tests/integration/test_run_policy_workflow.py"
NEEDS_NO_CONTROL = f"{RUN}::test_the_sample_policy_runs_to_its_end"
NEEDS_NONE_EITHER = f"{RUN}::test_the_events_tell_the_whole_story"
NEEDS_CONTROL = f"{RUN}::test_failed_stops_at_once"
NEEDS_LOCAL = "tests/integration/test_first_mistakes.py::test_no_api_at_the_url"
PYTEST = [sys.executable, "-m", "pytest", "--account", "-vv", "-rs"]
ADMINISTRATOR = (
    "create database account_db",
    "create role tester",
    "grant usage on database account_db to role tester",
    "grant create schema on database account_db to role tester",
    "grant usage on warehouse policy_wh to role tester",
    "grant usage on integration api_external_access to role tester",
)


def _own() -> dict[str, str]:
    """The environment, without what leads to a stack or is pytest's; the project is read once."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(FOREIGN) or name == FOLDER
    }


class Somebody:
    """Somebody with an account."""

    def __init__(self, administrator: Account, environment: dict[str, str]) -> None:
        self.administrator = administrator
        self.environment = environment

    def execute(self, *statements: str) -> None:
        """Let the administrator send statements."""
        with self.administrator.connect() as session:
            for statement in statements:
                session.cursor().execute(statement)

    def schemas(self) -> list[str]:
        """The schemas of test runs that there are."""
        with self.administrator.connect() as session:
            shown = session.cursor().execute("show terse schemas in database account_db")
            assert shown
            return [str(row[1]) for row in shown.fetchall() if str(row[1]).startswith(PREFIX)]

    def make_test_account(
        self, *tests: str, programs: Path = Path(sys.executable).parent
    ) -> subprocess.CompletedProcess[str]:
        """Run `make test-account`, with the programs of a folder."""
        return subprocess.run(
            ["make", "-o", ".venv/.installed", "test-account", f"BIN={programs}",
             f"TESTS={' '.join(tests)}"],
            cwd=ROOT, env=_own() | self.environment, capture_output=True, text=True,
            timeout=600, check=False,
        )  # fmt: skip


@pytest.fixture(scope="module")
def tester() -> Iterator[Somebody]:
    """Give somebody with an account, an API that Snowflake can reach, and the set-up."""
    with (
        PolicyApi(control_token=TOKEN) as api,
        LocalSnowflake(setup=ACCOUNT, threads=1) as snowflake,
    ):
        snowflake.open_external_access("127.0.0.1", api.port)
        variables = snowflake.environment() | {"POLICY_API_BASE_URL": api.base_url}
        del variables["SNOWFLAKE_SCHEMA"]
        own = {"SNOWFLAKE_DATABASE": "account_db", "SNOWFLAKE_ROLE": "tester"}
        found = Somebody(
            Account.from_environment(variables),
            variables | own | {"POLICY_API_CONTROL_TOKEN": TOKEN},
        )
        found.execute(*ADMINISTRATOR)
        yield found


def test_tests_run_there_as_they_are_and_leave_nothing(tester: Somebody) -> None:
    """After the preflight, those that are not about the local Snowflake pass; no schema is left."""
    ran = tester.make_test_account(NEEDS_CONTROL, NEEDS_LOCAL)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 passed, 1 skipped" in ran.stdout
    assert "is about the local stack" in ran.stdout
    assert "✅ from inside Snowflake" in ran.stdout
    assert "❌" not in ran.stdout
    assert TOKEN not in ran.stdout + ran.stderr
    assert tester.schemas() == []


def test_an_api_without_control_and_an_interrupted_run(tester: Somebody) -> None:
    """An API that only answers serves tests that order nothing; the others say what they miss.

    Ctrl-C in the middle of a test drops its schema, too.
    """
    is_second, is_asked, is_interrupted = (threading.Event() for _ in range(3))

    def hold() -> None:
        """Keep the second test that runs waiting for the API."""
        if is_second.is_set():
            is_asked.set()
            is_interrupted.wait(60)

    rule = "alter network rule policy_db.policy_workflow.policy_api_rule set value_list = ('{}')"
    with echo_api(accepted=hold) as url:
        tester.execute(rule.format(url.removeprefix("http://")))
        with subprocess.Popen(
            [*PYTEST, NEEDS_NO_CONTROL, NEEDS_CONTROL, NEEDS_NONE_EITHER],
            cwd=ROOT,
            env=_own() | tester.environment | {"POLICY_API_BASE_URL": url},
            stdout=subprocess.PIPE,
            text=True,
        ) as running:
            assert running.stdout
            said = ""
            for line in running.stdout:
                said += line
                if "SKIPPED" in line:
                    break
            is_second.set()
            assert is_asked.wait(60), said
            assert len(tester.schemas()) == 1
            running.send_signal(signal.SIGINT)
            is_interrupted.set()
            said += running.communicate(timeout=240)[0]
    own = tester.environment["POLICY_API_BASE_URL"]
    tester.execute(rule.format(own.removeprefix("http://")))
    assert running.returncode == pytest.ExitCode.INTERRUPTED, said
    assert "1 passed, 1 skipped in" in said
    assert "has no control endpoints" in said
    assert tester.schemas() == []


def test_without_variables_no_test_begins(
    tester: Somebody,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The preflight says what is missing, and its exit code 2 ends the command."""
    for name in tester.environment:
        monkeypatch.setenv(name, "")
    assert preflight() == 2
    said = capsys.readouterr().out
    for name in ("SNOWFLAKE_ACCOUNT", "SNOWFLAKE_WAREHOUSE", "POLICY_API_BASE_URL"):
        assert f"❌ {name}: not set\n     next: export {name}=" in said
    assert "❌ sign-in: no way is named\n     next: set SNOWFLAKE_PRIVATE_KEY_PATH" in said
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "began $*"\nexit 2\n', encoding="utf-8")
    python.chmod(0o755)
    ran = tester.make_test_account(NEEDS_NO_CONTROL, programs=tmp_path)
    assert ran.returncode == 2
    began = [line for line in ran.stdout.splitlines() if line.startswith("began ")]
    assert began == ["began -W ignore -m tests.account"]


FAILURES = {
    "role": (
        {"SNOWFLAKE_ROLE": "nobody"},
        "❌ sign-in: as local with role NOBODY: ",
        "grant role NOBODY to user local",
    ),
    "database": (
        {"SNOWFLAKE_DATABASE": "nowhere"},
        "❌ database: NOWHERE does not exist, or role TESTER may not see it",
        "create database NOWHERE; or: grant usage on database NOWHERE to role TESTER",
    ),
    "create schema": (
        {"SNOWFLAKE_ROLE": "public", "SNOWFLAKE_DATABASE": "policy_db"},
        "❌ create schema: role PUBLIC may not, in POLICY_DB: ",
        "grant create schema on database POLICY_DB to role PUBLIC",
    ),
    "warehouse": (
        {"SNOWFLAKE_WAREHOUSE": "nowhere"},
        "❌ warehouse: none, or role TESTER may not use it",
        "grant usage on warehouse NOWHERE to role TESTER",
    ),
    "integration": (
        {"POLICY_TEST_VARS": '{"policy_external_access_integrations": ["NOT_THERE"]}'},
        "❌ NOT_THERE: the integration is not there, or role TESTER may not use it",
        "grant usage on integration NOT_THERE to role TESTER",
    ),
    "vars": (
        {"POLICY_TEST_VARS": "integration"},
        "❌ POLICY_TEST_VARS: is no JSON",
        "a JSON object of dbt vars",
    ),
    "silent API": (
        {"POLICY_API_BASE_URL": "http://127.0.0.1:9"},
        "❌ POLICY_API_BASE_URL: 127.0.0.1: ",
        "the three endpoints must answer",
    ),
    "secret in the URL": (
        {"POLICY_API_BASE_URL": "https://user:hunter2@api.example.com"},
        "❌ POLICY_API_BASE_URL: is no http or https URL without a user",
        "python -m local_stack policy-api",
    ),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_what_is_missing_is_said_with_what_to_do(tester: Somebody, failure: str) -> None:
    """Each thing that is missing has a line of its own, and one that mends it."""
    variables, says, next_step = FAILURES[failure]
    lines: list[str] = []
    assert not Preflight(tester.environment | variables, lines.append).run()
    (place,) = [number for number, line in enumerate(lines) if line.startswith("❌")]
    assert lines[place].startswith(says)
    assert next_step in lines[place + 1]
    assert "hunter2" not in "".join(lines)
    assert tester.schemas() == []


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ([], "POST /createpolicy answers no JSON object"),
        ({"status": "ready"}, "POST /createpolicy answers without a policy_id"),
        ({"id": "p", "status": "pending"}, "none that is a success"),
    ],
)
def test_an_api_that_is_no_policy_api(tester: Somebody, answer: object, says: str) -> None:
    """What it answers at which endpoint is said, where it is not what a policy API says."""
    lines: list[str] = []
    with echo_api(answer) as url:
        Preflight(tester.environment | {"POLICY_API_BASE_URL": url}, lines.append).run()
    assert lines[0].startswith("❌ POLICY_API_BASE_URL: 127.0.0.1: ")
    assert says in lines[0]


def test_an_api_that_snowflake_cannot_reach(tester: Somebody) -> None:
    """Reached from here but not from inside Snowflake: the run in there fails, and is shown."""
    lines: list[str] = []
    with echo_api() as url:
        environment = tester.environment | {"POLICY_API_BASE_URL": url}
        assert not Preflight(environment, lines.append).run()
    (missing,) = [line for line in lines if line.startswith("❌")]
    assert missing.startswith("❌ from inside Snowflake: ")
    assert tester.schemas() == []
