"""README, TROUBLESHOOTING and the others do not drift from the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.repository import ROOT
from tests.unit.project.test_macros import OPERATIONS, signature

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(ROOT.glob("*.md"))
TROUBLES = re.findall(r"^### `(.*)`$", (ROOT / "TROUBLESHOOTING.md").read_text("utf-8"), re.M)
# Words of dbt and of real Snowflake, which our code does not hold.
FOREIGN = {"takes no keyword argument", "Insufficient privileges", "250001"}


def _sources() -> str:
    files: list[Path] = []
    for folder, ending in (("macros", "*.sql"), ("procedures", "*.py"), ("local_stack", "*.py")):
        files += (ROOT / folder).rglob(ending)
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    # Texts put together of literals and values read as one.
    return re.sub(r'"\s*\n\s*f?"', "", re.sub(r"{status}", "401", text))


def test_readme_lists_the_operations() -> None:
    """README's table has exactly the operations that there are."""
    table = README.split("## Operations")[1].split("##")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.M)) == [path.stem for path in OPERATIONS]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_pages_show_exist(page: Path) -> None:
    """Every `dbt run-operation` on a page names an operation, with arguments that it has."""
    signatures = dict(signature(path) for path in OPERATIONS)
    text = page.read_text(encoding="utf-8")
    for name, given in re.findall(r"dbt run-operation (\w+)(?: --args '(.*?)')?", text):
        assert name in signatures
        if given:
            assert set(yaml.safe_load(given)) <= set(signatures[name])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_commands_exist(page: Path) -> None:
    """Every `make ...` on a page is a target of the Makefile."""
    targets = re.findall(r"^([\w.-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    for command in re.findall(r"(?:`|^)make ([\w-]+)", page.read_text(encoding="utf-8"), re.M):
        assert command in targets


def test_readme_says_what_make_help_says() -> None:
    """The table of make commands has the Makefile's own words."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command, meaning in re.findall(r"^\| `make (demo|test|check)` \| (.*) \|$", README, re.M):
        line = re.search(rf"^{command}:.*## (.*)$", makefile, re.M)
        assert line
        assert meaning == line[1]


@pytest.mark.parametrize("words", TROUBLES)
def test_troubleshooting_quotes_real_messages(words: str) -> None:
    """A message that TROUBLESHOOTING explains is one that the code can give."""
    assert words in FOREIGN or words in _sources()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Links to files of the project exist."""
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target
