"""Links and names of files lead somewhere, on pages and in comments."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.repository import ROOT
from tests.unit.project.pages import PAGES, anchors, links, page_name, text_of

READ = (".py", ".sql", ".yml", ".yaml", ".md", ".toml", ".css")
# They name files of projects that they make up, or of older versions.
MADE_UP = {
    "CHANGELOG.md",
    "tests/benchmarks/projects.py",
    "tests/unit/project/test_links.py",
    "tests/unit/sql_audit/test_rules.py",
}
_ENDINGS = "py|sql|yml|yaml|md|css"
_FILE = re.compile(
    r"(?<![\w/.{-])((?:macros|models|analyses|procedures|report|local_snowflake|local_stack|tools"
    rf"|docs|tests)/[\w/.-]*?\.(?:{_ENDINGS}))(?:#([\w-]+))?\b(?!\()"
)


# A room that a page names in its prose, as `macros/steps/`.
_ROOM = re.compile(r"`([a-z_]+/(?:[a-z_]+/)*)`")


def _files() -> list[Path]:
    """The files of the repository that are text of ours."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    found = [ROOT / name for name in listed if name.endswith((*READ, "Makefile"))]
    return [path for path in found if path.exists()]


def _dead(target: Path, anchor: str | None) -> bool:
    return not target.exists() or bool(anchor and anchor not in anchors(text_of(target)))


def test_links_on_pages_lead_somewhere() -> None:
    """Links to files of the project exist, and so do the headings that they name."""
    dead = []
    for page in PAGES:
        for link in links(text_of(page)):
            name, _, anchor = link.partition("#")
            if _dead((page.parent / name).resolve() if name else page, anchor):
                dead.append((page_name(page), link))
    assert dead == []


def test_files_that_are_named_exist() -> None:
    """A file of the repository that code, a comment or a page names exists, and so its heading."""
    dead = []
    for path in _files():
        name = page_name(path)
        for file, anchor in _FILE.findall("" if name in MADE_UP else text_of(path)):
            # An installed project, or a test's own one, may have files of these names, too.
            if _dead(ROOT / file, anchor) and _dead(path.parent / file, anchor):
                dead.append((name, f"{file}#{anchor}" if anchor else file))
    assert dead == []


def test_rooms_that_pages_name_exist() -> None:
    """A folder that a page names, such as `macros/steps/`, exists, seen from page or project."""
    named = {(page, room) for page in PAGES for room in _ROOM.findall(text_of(page))}
    assert len(named) > 30
    dead = [
        (page_name(p), r) for p, r in named if not ((ROOT / r).is_dir() or (p.parent / r).is_dir())
    ]
    assert dead == []
