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
    """Install dbt-core and dbt-snowflake of a version, such as '1.9'; answers the folder of bin."""
    wanted = [f"dbt-core=={version}.*", f"dbt-snowflake=={version}.*"]
    return _environment(f"dbt-{version}", Path(sys.executable), wanted, " ".join(wanted))


def python_environment(version: str) -> Path:
    """Install requirements.lock under a Python, such as '3.12'; answers the folder of bin.

    Raises:
        MissingPythonError: when there is none.

    """
    lock = ["--no-deps", "--require-hashes", "-r", str(LOCK)]
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    return _environment(f"python-{version}", find_python(version), lock, digest)


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


def _environment(name: str, python: Path, wanted: list[str], stamp: str) -> Path:
    """Make an environment unless it is there and was made of the same."""
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
        subprocess.run([*pip, "install", *wanted], check=True)
        installed.write_text(stamp, encoding="utf-8")
    return folder / "bin"
