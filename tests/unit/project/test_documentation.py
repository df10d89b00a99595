"""README, TROUBLESHOOTING and the others do not drift from the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.repository import ROOT
from tests.unit.project.pages import (
    PAGES,
    anchors,
    blocks,
    operations_in,
    page_name,
    text_of,
    without_blocks,
)
from tests.unit.project.test_macros import OPERATIONS, signature
from tests.unit.project.test_settings import project_vars

README = (ROOT / "README.md").read_text(encoding="utf-8")
TROUBLES = re.findall(r"^### `(.*)`$", (ROOT / "TROUBLESHOOTING.md").read_text("utf-8"), re.M)
# Words of dbt and of real Snowflake, which our code does not hold.
FOREIGN = {"takes no keyword argument", "Insufficient privileges", "250001"}


def _sources() -> str:
    files: list[Path] = []
    for folder, ending in (
        ("macros", "*.sql"),
        ("procedures", "*.py"),
        ("local_stack", "*.py"),
        ("local_snowflake", "*.py"),
        ("report", "*.py"),
    ):
        files += (ROOT / folder).rglob(ending)
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    # What one macro says of each argument.
    text = re.sub(
        r"_check_argument\('(\w+)', \w+, {'type': 'boolean'}\)",
        r"\g<0> \1 must be true or false",
        text,
    )
    # Texts put together of literals and values read as one.
    return re.sub(r'"\s*\n\s*[f~]? ?"', "", re.sub(r"{status}", "401", text))


def test_readme_lists_the_operations() -> None:
    """README's table has exactly the operations that there are."""
    table = README.split("## Operations")[1].split("##")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.M)) == [path.stem for path in OPERATIONS]


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_commands_that_pages_show_exist(page: Path) -> None:
    """Every `dbt run-operation` on a page names an operation, with arguments that it has."""
    signatures = dict(signature(path) for path in OPERATIONS)
    for name, given in operations_in(text_of(page)):
        assert name in signatures
        if given:
            assert set(yaml.safe_load(given)) <= set(signatures[name])


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_names_on_pages_exist(page: Path) -> None:
    """A name of ours on a page is one in the code: a var, a macro, a table, a file."""
    known = set(re.findall(r"\w+", _sources())) | set(project_vars())
    known |= {
        path.stem
        for folder in ("models", "local_stack", "report")
        for path in (ROOT / folder).rglob("*")
    }
    known |= set(re.findall(r"\w+", text_of(ROOT / "models" / "exposures.yml")))
    for name in re.findall(r"`((?:policy|advance|diagnose)_\w+)`", without_blocks(text_of(page))):
        assert name in known, name


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_examples_in_yaml_can_be_read(page: Path) -> None:
    """Every YAML block on a page is YAML, and its shell commands call operations as they are."""
    signatures = dict(signature(path) for path in OPERATIONS)
    for block in blocks(text_of(page), "yaml"):
        for script in _scripts(yaml.safe_load(block)):
            for name, given in operations_in(script):
                assert given is None or set(yaml.safe_load(given)) <= set(signatures[name])


def _scripts(node: Any) -> Iterator[str]:
    """What a CI system would give to a shell."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("run", "script", "before_script"):
                yield from [value] if isinstance(value, str) else value
            else:
                yield from _scripts(value)
    elif isinstance(node, list):
        for item in node:
            yield from _scripts(item)


def _environments(node: Any) -> Iterator[dict[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("env", "variables"):
                yield value
            else:
                yield from _environments(value)
    elif isinstance(node, list):
        for item in node:
            yield from _environments(item)


CI_EXAMPLES = [
    block
    for page in PAGES
    for block in blocks(text_of(page), "yaml")
    if "run_policy_workflow" in block
]


def test_there_are_ci_examples() -> None:
    """The test of CI examples has some to look at."""
    assert len(CI_EXAMPLES) == 2


@pytest.mark.parametrize("example", CI_EXAMPLES, ids=["github", "gitlab"])
def test_ci_examples_set_what_the_profile_reads(example: str) -> None:
    """A CI example sets no variable that nothing reads, and all that the profile's target needs."""
    profile = text_of(ROOT / "profiles.example.yml")
    target = profile.split("    snowflake:\n")[1].split("    snowflake_browser:")[0]
    read = set(re.findall(r"env_var\('(\w+)'", target))
    assert len(read) == 8
    document = yaml.safe_load(example)
    scripts = "\n".join(_scripts(document))
    given = {name for found in _environments(document) for name in found}
    assert {name for name in given if f"${name}" not in scripts} <= read
    # What is not in the example itself, its page says where to set.
    assert all(name in text_of(ROOT / "docs" / "snowflake.md") for name in read)
    assert read - given <= {name for name in read if name in scripts} | {
        "SNOWFLAKE_ACCOUNT",
        "SNOWFLAKE_PRIVATE_KEY_PATH",
        "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE",
    }


@pytest.mark.parametrize("page", PAGES, ids=page_name)
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


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_links_lead_somewhere(page: Path) -> None:
    """Links to files of the project exist, and so do the headings that they name."""
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", text_of(page)):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(text_of(target)), link
