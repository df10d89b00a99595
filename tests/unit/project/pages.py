"""Reads the pages of the project: headings, commands, code blocks, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.repository import ROOT

_ROOMS = sorted(
    path.name for path in ROOT.iterdir() if path.is_dir() and (path / "README.md").exists()
)
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / room / "README.md" for room in _ROOMS),
    ]
)

_COMMAND = re.compile(r"(?:\bdbt (?:--\S+ )*|args = ')run-operation (\w+)((?:(?!\bdbt )[^\n`])*)")
_ARGUMENTS = re.compile(r"--args (['\"])(.*?)\1")
# Code between backticks, on one line.
_CODE = re.compile(r"`[^`\n]*`")


def page_name(page: Path) -> str:
    """The page as seen from the root of the project."""
    return page.relative_to(ROOT).as_posix()


def text_of(page: Path) -> str:
    """The text of a page."""
    return page.read_text(encoding="utf-8")


def operations_in(text: str) -> Iterator[tuple[str, str | None]]:
    """Each operation that a text calls, with what it gives to --args."""
    for name, rest in _COMMAND.findall(text):
        given = _ARGUMENTS.search(rest)
        yield name, given[2] if given else None


def blocks(text: str, language: str) -> list[str]:
    """The code blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def without_blocks(text: str) -> str:
    """A page's prose and tables."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)


def anchors(text: str) -> set[str]:
    """The anchors that a page's headings get."""
    headings = re.findall(r"^#+ (.*)$", without_blocks(text), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(text: str) -> list[str]:
    """Where the links of a page lead, but for those to other sites."""
    prose = _CODE.sub("", without_blocks(text))
    return re.findall(r"\]\((?!https?:)([^)]+)\)", prose)
