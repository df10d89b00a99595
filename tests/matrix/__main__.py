"""Runs the smoke suite on versions of dbt, or the tests on versions of Python; prints a table."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from local_stack.cli import parser as stack_options
from local_stack.cli import stack
from tests.matrix.environments import MissingPythonError, dbt_environment, python_environment
from tests.matrix.smoke import Smoke, Step
from tests.repository import ROOT

DBT_VERSIONS = ("1.9", "1.10", "1.11")
PYTHON_VERSIONS = ("3.11", "3.12", "3.13")
PYTHON_TESTS = (
    "tests/unit/procedures",
    "tests/unit/project",
    "tests/unit/policy_api",
    "tests/unit/local_snowflake",
    "tests/integration/test_run_policy_workflow.py",
    "tests/integration/test_resume.py",
    "tests/integration/test_privileges.py",
)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _report(version: str, what: str, success: bool, seconds: float, more: str = "") -> None:
    _say(
        f"{version:12} {what:28} {'ok' if success else 'FAILED':7}{seconds:5.0f} s  {more}".rstrip()
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
    started = time.monotonic()
    command = [str(folder / "python"), "-m", "pytest", "-p", "no:cacheprovider", *PYTHON_TESTS]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    success = ran.returncode == 0
    last = (ran.stdout.strip().splitlines() or ["no output"])[-1]
    _report(f"python {version}", "tests", success, time.monotonic() - started, last)
    if not success:
        _say(ran.stdout[-3000:] + ran.stderr[-1000:])
    return success


def main() -> int:
    """Run what the command line asks for; answers the exit code."""
    options = argparse.ArgumentParser(prog="python -m tests.matrix", description=__doc__)
    options.add_argument("what", choices=["dbt", "python"])
    options.add_argument("versions", nargs="*", help="default: all that the project supports")
    given = options.parse_args()
    run, known = (on_dbt, DBT_VERSIONS) if given.what == "dbt" else (on_python, PYTHON_VERSIONS)
    results = [run(version) for version in given.versions or known]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
