"""Runs the smoke suite on versions of dbt, or tests on versions of Python or of urllib3."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from local_stack.cli import parser as stack_options
from local_stack.cli import stack
from tests.matrix.environments import (
    MissingPythonError,
    client_packages,
    dbt_environment,
    python_environment,
)
from tests.matrix.smoke import Smoke, Step
from tests.repository import ROOT

DBT_VERSIONS = ("1.9", "1.10", "1.11", "1.12")
PYTHON_VERSIONS = ("3.11", "3.12", "3.13")
PYTHON_TESTS = (
    "tests/unit/procedures",
    "tests/unit/tools",
    "tests/unit/project",
    "tests/unit/policy_api",
    "tests/unit/local_snowflake",
    "tests/integration/test_run_policy_workflow.py",
    "tests/integration/test_resume.py",
    "tests/integration/test_privileges.py",
)
# What an account may resolve, each urllib3 with the oldest requests of its time; "locked" is what
# requirements.lock has. requests takes urllib3 2 since 2.30.
CLIENT_VERSIONS = {"1.26.20": "2.29.0", "2.0.7": "2.31.0", "2.2.3": "2.32.3", "locked": ""}
CLIENT_TESTS = (
    "tests/unit/procedures/http",
    "tests/unit/procedures/answers",
    "tests/unit/procedures/steps",
    "tests/integration/test_run_policy_workflow.py",
)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _report(version: str, what: str, success: bool, seconds: float, more: str = "") -> None:
    _say(
        f"{version:32} {what:28} {'ok' if success else 'FAILED':7}{seconds:5.0f} s  {more}".rstrip()
    )


def on_dbt(version: str) -> bool:
    """Run the smoke suite on a version of dbt; answers whether all of it went well."""
    folder = dbt_environment(version)

    def tell(step: Step) -> None:
        _report(f"dbt {version}", step.name, step.success, step.seconds)
        if not step.success:
            _say(step.output[-3000:])

    with (
        tempfile.TemporaryDirectory(prefix="matrix_") as work,
        stack(stack_options().parse_args(["up"])) as environment,
    ):
        smoke = Smoke(folder / "dbt", environment, "MATRIX", Path(work), tell)
        return smoke.run()


def on_python(version: str) -> bool:
    """Run the tests of procedures and local stack on a Python; answers whether they passed."""
    try:
        folder = python_environment(version)
    except MissingPythonError as error:
        _report(f"python {version}", str(error), success=False, seconds=0)
        return False
    return _tests(f"python {version}", folder / "python", PYTHON_TESTS, dict(os.environ))


def on_client(version: str) -> bool:
    """Run the tests of the HTTP client on a urllib3; answers whether they passed."""
    environment = dict(os.environ)
    if version != "locked":
        environment["PYTHONPATH"] = str(client_packages(version, CLIENT_VERSIONS[version]))
    asked = "import requests, urllib3; print(urllib3.__version__, 'requests', requests.__version__)"
    found = subprocess.run(
        [sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True
    )
    return _tests(
        f"urllib3 {found.stdout.strip()}", Path(sys.executable), CLIENT_TESTS, environment
    )


def _tests(what: str, python: Path, tests: tuple[str, ...], environment: dict[str, str]) -> bool:
    started = time.monotonic()
    command = [str(python), "-m", "pytest", "-p", "no:cacheprovider", *tests]
    ran = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    success = ran.returncode == 0
    last = (ran.stdout.strip().splitlines() or ["no output"])[-1]
    _report(what, "tests", success, time.monotonic() - started, last)
    if not success:
        _say(ran.stdout[-3000:] + ran.stderr[-1000:])
    return success


def main() -> int:
    """Run what the command line asks for; answers the exit code."""
    options = argparse.ArgumentParser(prog="python -m tests.matrix", description=__doc__)
    options.add_argument("what", choices=["dbt", "python", "client"])
    options.add_argument("versions", nargs="*", help="default: all that the project supports")
    given = options.parse_args()
    runs: dict[str, tuple[Callable[[str], bool], Iterable[str]]] = {
        "dbt": (on_dbt, DBT_VERSIONS),
        "python": (on_python, PYTHON_VERSIONS),
        "client": (on_client, CLIENT_VERSIONS),
    }
    run, known = runs[given.what]
    results = [run(version) for version in given.versions or known]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
