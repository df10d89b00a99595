"""The generated parts of the documentation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.repository import ROOT
from tools import docs

PROJECT = """name: p

vars:
  # --- First ---------
  # What a is.
  # On two lines.
  a: 1 # old words
  # What b is.
  b:
    - x
"""
SPECS: dict[str, Any] = {
    "a": {"default": 1, "type": "integer", "min": 0, "max": 5, "optional": True},
    "b": {"default": ["x"], "type": "list"},
}


def test_generated_parts_are_current() -> None:
    """Each generated part of a page is what its sources make today."""
    texts = docs.generate()
    assert len(texts) == len(docs.PAGES) + 1
    assert [n for n, text in texts.items() if text != (ROOT / n).read_text("utf-8")] == []


def test_legal_values_are_written_behind_the_var() -> None:
    """The comment behind a var gives its legal values, whatever stood there before."""
    written = docs.with_legal_values(PROJECT, SPECS)
    assert "  a: 1 # 0 to 5, or null\n" in written
    assert "  b: # a list of texts\n    - x\n" in written
    assert docs.with_legal_values(written, SPECS) == written


@pytest.mark.parametrize(
    "specs",
    [
        SPECS | {"a": SPECS["a"] | {"default": 2}},
        {"b": SPECS["b"], "c": {"default": 1, "type": "integer", "min": 0, "max": 5}},
    ],
    ids=["default", "name"],
)
def test_two_sources_that_differ_are_refused(specs: dict[str, Any]) -> None:
    """A var that only one place has, or with another default, is named, and nothing is written."""
    with pytest.raises(docs.DocsError, match=r"differ in a"):
        docs.with_legal_values(PROJECT, specs)


def test_a_var_without_a_comment_is_refused() -> None:
    """A var whose meaning stands nowhere is named."""
    with pytest.raises(docs.DocsError, match="b has no comment"):
        list(docs.described_vars(PROJECT.replace("  # What b is.\n", "")))


def test_vars_are_described_by_their_comments() -> None:
    """Group, name and meaning come from the comments above a var."""
    assert list(docs.described_vars(PROJECT)) == [
        ("First", "a", "What a is. On two lines."),
        ("First", "b", "What b is."),
    ]
