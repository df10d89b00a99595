"""`python -m local_stack`: what people, tests and CI start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository import ROOT

pytestmark = pytest.mark.usefixtures("local_only")
RUN = [sys.executable, "-m", "local_stack"]
CREATE = (
    "import os, snowflake.connector as c; from pathlib import Path; "
    "k = c.connect(account='local', user='u', password='p', protocol='http',"
    " host=os.environ['SNOWFLAKE_HOST'], port=int(os.environ['SNOWFLAKE_PORT']),"
    " database='POLICY_DB', schema='POLICY_WORKFLOW').cursor(); "
    "k.execute('create table if not exists kept (a number)'); "
    "k.execute('insert into kept select 1'); "
    "print('rows', k.execute('select count(*) from kept').fetchone()[0])"
)


def _exec(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RUN, "exec", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_exec_returns_the_exit_code_of_the_command() -> None:
    """CI can trust it: what the command came to is what exec comes to, 0 in the tests below."""
    assert _exec("--", sys.executable, "-c", "raise SystemExit(7)").returncode == 7


def test_exec_finds_dbt_where_no_environment_is_activated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A shell in the local stack has the dbt that is installed beside its Python."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    ran = _exec("--", "bash", "-c", "command -v dbt")
    assert ran.stdout.strip() == str(Path(sys.executable).with_name("dbt"))


def test_exec_sets_the_environment_and_writes_it_to_a_file(tmp_path: Path) -> None:
    """The command and the --env-file have the same variables."""
    file = tmp_path / "stack.env"
    names = ["SNOWFLAKE_HOST", "SNOWFLAKE_PORT", "POLICY_API_BASE_URL", "DBT_PROFILES_DIR"]
    script = f"import os; [print(n + '=' + os.environ[n]) for n in {names}]"
    ran = _exec("--env-file", str(file), "--", sys.executable, "-c", script)
    assert ran.returncode == 0, ran.stderr
    written = file.read_text(encoding="utf-8").splitlines()
    assert len(ran.stdout.splitlines()) == len(names)
    assert set(ran.stdout.splitlines()) <= set(written)


def test_a_data_dir_keeps_everything_and_has_one_owner(tmp_path: Path) -> None:
    """Rows are there at the next start; a second stack on the folder is refused with exit 2."""
    data = ["--data-dir", str(tmp_path / "data")]
    assert _exec(*data, "--", sys.executable, "-c", CREATE).stdout.split() == ["rows", "1"]
    assert _exec(*data, "--", sys.executable, "-c", CREATE).stdout.split() == ["rows", "2"]
    nested = _exec(*data, "--", *RUN, "exec", *data, "--", "true")
    assert nested.returncode == 2
    assert "in use by another local stack" in nested.stderr


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["--"], "none given"),
        (["--", "not-a-command-here"], "no such command: not-a-command-here"),
        (["--policy-api-url", "nonsense", "--", "true"], "must be an http or https URL"),
    ],
)
def test_bad_arguments_are_refused(arguments: list[str], answer: str) -> None:
    """What cannot be run is named, with exit code 2."""
    ran = _exec(*arguments)
    assert ran.returncode == 2
    assert answer in ran.stderr


def test_a_taken_port_is_refused() -> None:
    """A port in use is an error in a sentence, not a traceback."""
    nested = (
        "import os, sys; os.execv(sys.executable, [sys.executable, '-m', 'local_stack', 'exec',"
        " '--port', os.environ['SNOWFLAKE_PORT'], '--', 'true'])"
    )
    ran = _exec("--", sys.executable, "-c", nested)
    assert ran.returncode == 2
    assert "a port cannot be used" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_another_policy_api_is_used_and_allowed() -> None:
    """--policy-api-url starts no API of ours and gives the URL on."""
    url = "https://api.example.com:8443"
    script = "import os; print(os.environ['POLICY_API_BASE_URL'])"
    ran = _exec("--policy-api-url", url, "--", sys.executable, "-c", script)
    assert ran.stdout.strip() == url


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(
    ("what", "variable"), [("up", "SNOWFLAKE_PORT"), ("policy-api", "POLICY_API_BASE_URL")]
)
def test_it_prints_the_environment_until_it_is_ended(
    number: signal.Signals, what: str, variable: str
) -> None:
    """`up` and `policy-api` show what to export, and a signal ends them well."""
    with subprocess.Popen([*RUN, what], cwd=ROOT, stdout=subprocess.PIPE, text=True) as stack:
        assert stack.stdout
        lines = []
        for line in stack.stdout:
            lines.append(line)
            if line.endswith(" answers; Ctrl-C ends it\n"):
                break
        assert any(line.startswith(f"export {variable}=") for line in lines)
        stack.send_signal(number)
        assert stack.wait(timeout=20) == 0


def test_a_policy_api_that_others_reach_needs_a_token() -> None:
    """Without a token for its control endpoints it does not listen beyond this machine."""
    environment = {**os.environ, "POLICY_API_CONTROL_TOKEN": ""}
    for host in ("0.0.0.0", "192.0.2.1", "api.example.com"):
        ran = subprocess.run(
            [*RUN, "policy-api", "--host", host],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 2
        assert "set POLICY_API_CONTROL_TOKEN" in ran.stderr
