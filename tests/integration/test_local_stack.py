"""`python -m local_stack`: what people, tests and CI start.

Each start of a stack as a process of its own takes seconds, so a test looks at all that one shows.
What is refused before anything runs is asked of the command line in this process.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import snowflake.connector

from local_stack.cli import CONTROL_VARIABLE, main
from tests.repository import ROOT

pytestmark = pytest.mark.usefixtures("local_only")
RUN = [sys.executable, "-m", "local_stack"]
NAMES = ["SNOWFLAKE_HOST", "SNOWFLAKE_PORT", "POLICY_API_BASE_URL", "DBT_PROFILES_DIR"]
# Of a shell in which no environment is activated.
UNACTIVATED = "/usr/bin:/bin"
KEEP = (
    "create table if not exists kept (a number)",
    "insert into kept select 1",
    "select count(*) from kept",
)
# Run by `exec`: prints its variables, the dbt that it finds and how many rows there are.
INSIDE = f"""
import os, shutil, snowflake.connector
for name in {NAMES}:
    print(name + "=" + os.environ[name])
print("dbt", shutil.which("dbt"))
connection = snowflake.connector.connect(
    account="local", user="u", password="p", protocol="http", host=os.environ["SNOWFLAKE_HOST"],
    port=int(os.environ["SNOWFLAKE_PORT"]), database="POLICY_DB", schema="POLICY_WORKFLOW",
)
for statement in {KEEP}:
    answer = connection.cursor().execute(statement).fetchone()
print("rows", answer[0])
raise SystemExit(7)
"""


@pytest.fixture(autouse=True)
def _this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `main` change no path for good, and wait for no Ctrl-C where it refuses nothing."""
    monkeypatch.setenv("PATH", UNACTIVATED)
    monkeypatch.setattr("local_stack.cli.stay", lambda *_: 0)


@contextmanager
def _started(number: signal.Signals, *arguments: str) -> Iterator[dict[str, str]]:
    """Start something; gives what it says to export, and ends it well, by a signal."""
    command = [*RUN, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as stack:
        assert stack.stdout
        exported = {}
        for line in stack.stdout:
            if line.endswith(" answers; Ctrl-C ends it\n"):
                break
            name, value = line.removeprefix("export ").rstrip("\n").split("=", 1)
            exported[name] = value
        try:
            yield exported
        finally:
            stack.send_signal(number)
        assert stack.wait(timeout=20) == 0


def _refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Give a command line that is refused with exit code 2; answers what it says."""
    assert main([*arguments]) == 2
    said = capsys.readouterr().err
    assert said.startswith("local_stack: ")
    assert said.count("\n") == 1
    return said


def test_a_stack_and_the_next_one_on_its_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What `up` keeps `exec` finds, under the variables that both name; nobody takes its place.

    A second stack on a folder or a port that is in use is refused in a sentence. `exec` gives the
    URL of another policy API on, has the dbt beside its Python where no environment is activated,
    and answers the exit code of the command, which CI can trust.
    """
    data = ["--data-dir", str(tmp_path / "data")]
    with _started(signal.SIGINT, "up", *data) as exported:
        connection = snowflake.connector.connect(
            account="local",
            user="u",
            password="p",
            protocol="http",
            host=exported["SNOWFLAKE_HOST"],
            port=int(exported["SNOWFLAKE_PORT"]),
            database="POLICY_DB",
            schema="POLICY_WORKFLOW",
        )
        for statement in KEEP:
            answer = connection.cursor().execute(statement)
        assert answer
        assert answer.fetchall() == [(1,)]
        connection.close()
        assert exported["POLICY_API_BASE_URL"].startswith("http://127.0.0.1:")
        nested = _refused(capsys, "exec", *data, "--", "true")
        assert "in use by another local stack" in nested
        taken = ["--port", exported["SNOWFLAKE_PORT"]]
        assert "a port cannot be used" in _refused(capsys, "exec", *taken, "--", "true")
    # `main` has put more into the path of this process.
    monkeypatch.setenv("PATH", UNACTIVATED)
    file, url = tmp_path / "stack.env", "https://api.example.com:8443"
    given = [*data, "--env-file", str(file), "--policy-api-url", url]
    ran = subprocess.run(
        [*RUN, "exec", *given, "--", sys.executable, "-c", INSIDE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 7, ran.stderr
    *variables, dbt, rows = ran.stdout.splitlines()
    assert len(variables) == len(NAMES)
    assert set(variables) <= set(file.read_text(encoding="utf-8").splitlines())
    assert f"POLICY_API_BASE_URL={url}" in variables
    assert dbt == f"dbt {Path(sys.executable).with_name('dbt')}"
    assert rows == "rows 2"


def test_the_policy_api_alone() -> None:
    """`policy-api` shows what to export; SIGTERM ends it as well as Ctrl-C ends `up` above."""
    with _started(signal.SIGTERM, "policy-api") as exported:
        assert list(exported) == ["POLICY_API_BASE_URL"]


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["--"], "none given"),
        (["--", "not-a-command-here"], "no such command: not-a-command-here"),
        (["--policy-api-url", "nonsense", "--", "true"], "must be an http or https URL"),
    ],
)
def test_bad_arguments_are_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], answer: str
) -> None:
    """What cannot be run is named, with exit code 2."""
    assert answer in _refused(capsys, "exec", *arguments)


def test_a_policy_api_that_others_reach_needs_a_token(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a token for its control endpoints it does not listen beyond this machine."""
    monkeypatch.setenv(CONTROL_VARIABLE, "")
    for host in ("0.0.0.0", "192.0.2.1", "api.example.com"):
        said = _refused(capsys, "policy-api", "--host", host)
        assert f"set {CONTROL_VARIABLE}" in said
