"""What a process does that others are forked from: import dbt, and read the project."""

from __future__ import annotations

from dbt.cli.main import dbtRunner

from tests.integration.parsed_project import parsed_project

_MANIFEST = parsed_project()


def invoke(words: list[str]) -> bool:
    """Run a dbt command; answers whether it succeeded."""
    return bool(dbtRunner(_MANIFEST).invoke(words).success)
