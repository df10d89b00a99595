"""No text of the repository points to something that only its authors have."""

from __future__ import annotations

import re
import subprocess

from tests.repository import ROOT

HERE = "tests/unit/project/test_references.py"
# Pages that were never part of the repository: a list of facts, and a design.
_ELSEWHERE = re.compile(r"\(facts\b|\bfacts, \d|\bfacts sheet|\(design\b|\bdesign: ")


def test_nothing_points_outside_of_the_repository() -> None:
    """No "(facts, 4.1)" and no "(design: ...)": such a fact stands in docs/snowflake_facts.md."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    found = [
        f"{name}:{number}: {line.strip()}"
        for name in listed
        if name != HERE and (ROOT / name).is_file()
        for number, line in enumerate(
            (ROOT / name).read_text(encoding="utf-8", errors="replace").splitlines(), 1
        )
        if _ELSEWHERE.search(line)
    ]
    assert found == []
