"""The pages do not drift from the code: commands, names, YAML and messages."""

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
    blocks,
    operations_in,
    page_name,
    text_of,
    without_blocks,
)
from tests.unit.project.test_macros import OPERATIONS, signature
from tests.unit.project.test_settings import project_vars

TROUBLES = re.findall(r"^### `(.*)`$", text_of(ROOT / "TROUBLESHOOTING.md"), re.M)
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
    # A text that is put together of literals over several lines reads as one.
    text = re.sub(r"""(["'])\s*~?\s*\n\s*(?:~\s*)?f?\1""", "", text)
    return text.replace("{status}", "401")


def _wrong_calls(calls: list[tuple[Path, str, str | None]]) -> list[str]:
    """What is wrong with each `dbt run-operation` that a page lets people type."""
    signatures = dict(signature(path) for path in OPERATIONS)
    wrong = []
    for page, name, given in calls:
        arguments = set(yaml.safe_load(given)) if given else set()
        unknown = sorted(arguments - set(signatures.get(name, arguments)))
        if name not in signatures:
            wrong.append(f"{page_name(page)}: {name} is no operation")
        elif unknown:
            wrong.append(f"{page_name(page)}: {name} has no argument {unknown}")
    return wrong


def test_commands_that_pages_show_exist() -> None:
    """Every `dbt run-operation` on a page names an operation, with arguments that it has."""
    calls = [(page, *call) for page in PAGES for call in operations_in(text_of(page))]
    assert len(calls) > 40
    assert _wrong_calls(calls) == []


def test_names_on_pages_exist() -> None:
    """A name of ours on a page is one in the code: a var, a macro, a table, a file."""
    known = set(re.findall(r"\w+", _sources())) | set(project_vars())
    known |= {
        path.stem
        for folder in ("models", "local_stack", "report")
        for path in (ROOT / folder).rglob("*")
    }
    known |= set(re.findall(r"\w+", text_of(ROOT / "models" / "exposures.yml")))
    unknown = {
        (page_name(page), name)
        for page in PAGES
        for name in re.findall(
            r"`((?:policy|advance|diagnose)_\w+)`", without_blocks(text_of(page))
        )
        if name not in known
    }
    assert unknown == set()


def test_examples_in_yaml_can_be_read() -> None:
    """Every YAML block on a page is YAML, and its shell commands call operations as they are."""
    documents = [
        (page, yaml.safe_load(block)) for page in PAGES for block in blocks(text_of(page), "yaml")
    ]
    assert len(documents) > 4
    calls = [
        (page, *call)
        for page, document in documents
        for script in _scripts(document)
        for call in operations_in(script)
    ]
    assert _wrong_calls(calls) == []


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
    assert all(name in text_of(ROOT / "docs" / "ci.md") for name in read)
    assert read - given <= {name for name in read if name in scripts} | {
        "SNOWFLAKE_ACCOUNT",
        "SNOWFLAKE_PRIVATE_KEY_PATH",
        "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE",
    }


def test_make_commands_exist() -> None:
    """Every `make ...` on a page is a target of the Makefile."""
    targets = set(re.findall(r"^([\w.-]+):", text_of(ROOT / "Makefile"), re.M))
    named = {
        (page_name(page), command)
        for page in PAGES
        for command in re.findall(r"(?:`|^)make ([\w.-]+)", text_of(page), re.M)
    }
    assert len(named) > 20
    assert {(page, command) for page, command in named if command not in targets} == set()


def test_troubleshooting_quotes_real_messages() -> None:
    """A message that TROUBLESHOOTING explains is one that the code can give."""
    sources = _sources()
    assert len(TROUBLES) > 50
    assert [words for words in TROUBLES if words not in FOREIGN and words not in sources] == []
