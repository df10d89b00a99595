"""Environments under .matrix/: for each version of dbt, of Python, and of the HTTP client."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.repository import ROOT

FOLDER = ROOT / ".matrix"
LOCK = ROOT / "requirements.lock"


class MissingPythonError(Exception):
    """No Python of the version is on this machine."""


def dbt_environment(version: str) -> Path:
    """Install dbt-core and dbt-snowflake of a version, such as '1.9'; answers the folder of bin.

    dbt-core 1.12 wants a parser that downloads when it is built, and does without it: it is
    installed over what 1.11 needs, and the rest of what it wants.
    """
    core, snowflake = [f"dbt-core=={version}.*"], f"dbt-snowflake=={version}.*"
    if version != "1.12":
        return _environment(f"dbt-{version}", [*core, snowflake])
    return _environment(
        f"dbt-{version}",
        ["dbt-core==1.11.*", snowflake, "metricflow", "python-dotenv"],
        ["--no-deps", *core],
    )


def python_environment(version: str) -> Path:
    """Install requirements.lock under a Python, such as '3.12'; answers the folder of bin.

    Raises:
        MissingPythonError: when there is none.

    """
    lock = ["--no-deps", "--require-hashes", "-r", str(LOCK)]
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    found = find_python(version)
    return _environment(f"python-{version}", lock, python=found, stamp=digest)


def client_packages(urllib3: str, requests: str) -> Path:
    """Install an older urllib3 with a requests of its time; answers a folder for PYTHONPATH."""
    wanted = [f"urllib3=={urllib3}", f"requests=={requests}"]
    folder = FOLDER / f"client-{urllib3}"
    stamp = folder / ".installed"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != " ".join(wanted):
        shutil.rmtree(folder, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        subprocess.run([*pip, "--no-deps", "--target", str(folder), *wanted], check=True)
        stamp.write_text(" ".join(wanted), encoding="utf-8")
    return folder


def find_python(version: str) -> Path:
    """Find a Python on the PATH, or among pyenv's.

    Raises:
        MissingPythonError: when there is none.

    """
    on_path = shutil.which(f"python{version}")
    # pyenv's shims are on the PATH for versions that it does not run here.
    if (
        on_path
        and subprocess.run([on_path, "-V"], capture_output=True, check=False).returncode == 0
    ):
        return Path(on_path)
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for found in sorted(versions.glob(f"{version}.*/bin/python"), reverse=True):
        return found
    raise MissingPythonError(f"no Python {version} on the PATH or in {versions}")


def _environment(
    name: str,
    *wanted: list[str],
    python: Path = Path(sys.executable),
    stamp: str | None = None,
) -> Path:
    """Make an environment, by one pip install after another, unless it was made of the same."""
    stamp = stamp or "; ".join(" ".join(install) for install in wanted)
    folder = FOLDER / name
    installed = folder / ".installed"
    if not installed.is_file() or installed.read_text(encoding="utf-8") != stamp:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python, "-m", "venv", folder], check=True)
        pip = [
            str(folder / "bin" / "python"),
            "-m",
            "pip",
            "--quiet",
            "--disable-pip-version-check",
        ]
        for install in wanted:
            subprocess.run([*pip, "install", *install], check=True)
        installed.write_text(stamp, encoding="utf-8")
    return folder / "bin"
