"""The descriptions that people copy: those of docs/apis/, and those on the pages of docs/."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from procedures.description.templates import names_in
from tests.repository import ROOT
from tests.unit.project.pages import PAGES, blocks, page_name, text_of

FILES = {path.name: text_of(path) for path in sorted((ROOT / "docs" / "apis").iterdir())}
ON_PAGES = {
    f"{page_name(page)}, block {number}": block
    for page in PAGES
    for number, block in enumerate(blocks(text_of(page), "yaml"), 1)
    if re.search(r"^ *policy_api:$", block, re.M) and "find:" in block
}
# With these, a text is more than prose: a value inside could end what stands around the value.
OF_A_LANGUAGE = re.compile(r"""["'`<>{}\[\]\\;$]|=\s*$""")
_PLACEHOLDER = re.compile(r"\{[A-Za-z_][A-Za-z0-9_.]*\}")


def _described(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text)["vars"]["policy_api"]
    return found


def test_pages_have_a_description_with_find() -> None:
    """The search for descriptions on pages finds the one of docs/your_api.md."""
    assert [name.partition(",")[0] for name in ON_PAGES] == ["docs/your_api.md"]


@pytest.mark.parametrize("name", [*FILES, *ON_PAGES])
def test_find_finds_only_what_the_execution_made(name: str) -> None:
    """A find asks for the execution's id, which the create request stored, or says why not."""
    text = {**FILES, **ON_PAGES}[name]
    described = _described(text)
    if "find" not in described:
        return
    asks = {*names_in(described["find"].get("path")), *names_in(described["find"].get("body"))}
    stores = {*names_in(described["create"]["body"]), *names_in(described["create"]["path"])}
    is_of_the_execution = "execution_id" in asks & stores
    assert is_of_the_execution or re.search(r"# .*\bunique\b", text), asks


@pytest.mark.parametrize("name", [*FILES, *ON_PAGES])
def test_no_value_is_put_into_a_language(name: str) -> None:
    """A value inside a longer text stands in prose only; a query language gets its variables."""
    for path, text in _texts(_described({**FILES, **ON_PAGES}[name])):
        around = _PLACEHOLDER.sub("", text)
        if around != text and around.strip():
            assert not OF_A_LANGUAGE.search(around), (path, text)


def _texts(described: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """All texts in the bodies of a description, by their place."""
    left: list[tuple[str, Any]] = [
        (step, endpoint.get("body"))
        for step, endpoint in described.items()
        if isinstance(endpoint, dict)
    ]
    while left:
        place, value = left.pop()
        if isinstance(value, str):
            yield place, value
        elif isinstance(value, dict):
            left += [(f"{place}/{key}", item) for key, item in value.items()]
        elif isinstance(value, list):
            left += [(f"{place}/{number}", item) for number, item in enumerate(value)]
