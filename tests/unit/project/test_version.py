"""The version is the same wherever it stands."""

from __future__ import annotations

import re
import tomllib

import yaml

from tests.repository import ROOT


def test_one_version() -> None:
    """Both project files, the newest release of the changelog, and what the docs let people pin."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text("utf-8"))
    assert project["version"] == version
    releases = re.findall(
        r"^## (\d+\.\d+\.\d+) - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M
    )
    assert releases[0] == version
    pinned = re.findall(r"revision: (\S+)", (ROOT / "docs" / "package.md").read_text("utf-8"))
    assert pinned == [f"v{version}"]


def test_the_range_of_dbt_is_what_the_matrix_runs() -> None:
    """`require-dbt-version` begins with the oldest version of the matrix, and ends before dbt 2."""
    from tests.matrix.__main__ import DBT_VERSIONS

    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text("utf-8"))
    assert project["require-dbt-version"] == [f">={DBT_VERSIONS[0]}.0", "<2.0.0"]
