"""A text from the database is text in the page, whatever its characters."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from report import markup
from report.markup import Html, clean, escape, tag
from tests.unit.report.records import ODD_NAMES

ANY_TEXT = st.text(st.characters(), max_size=60) | st.sampled_from(ODD_NAMES)


class _Reader(HTMLParser):
    """Collects elements, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@given(ANY_TEXT)
def test_a_text_stays_a_text(text: str) -> None:
    """A browser reads the same text back, but characters that HTML cannot contain."""
    read = _Reader(tag("p", text))
    assert read.elements == ["p"]
    assert read.text == clean(text)


@given(ANY_TEXT)
def test_an_attribute_holds_a_text(text: str) -> None:
    """No text can end the attribute that has it as value."""
    read = _Reader(tag("p", aria_label=text))
    assert read.elements == ["p"]
    assert read.attributes == [("aria-label", clean(text))]


@given(ANY_TEXT)
def test_what_is_left_can_be_written(text: str) -> None:
    """A cleaned text can be encoded, and has no control character but tab and line feed."""
    left = clean(text)
    left.encode("utf-8")
    assert not [c for c in left if ord(c) < 32 and c not in "\t\n"]


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=80), st.integers(1, 40))
def test_a_long_text_is_cut_and_says_so(text: str, limit: int) -> None:
    """A text is cut at the limit, says so, and is isolated in its direction."""
    shown = markup.given(text, limit)
    if not text.strip():
        assert _Reader(shown).elements == []
        return
    read = _Reader(shown)
    assert read.elements[0] == "bdi"
    assert ("cut" in [value for _, value in read.attributes]) == (len(text) > limit)
    assert len(read.text) <= limit + len(" … (cut)")


def test_only_html_is_not_escaped() -> None:
    """HTML stays as it is, None is empty, numbers become text, lists are joined."""
    assert escape(Html("<b>")) == "<b>"
    assert escape(None) == ""
    assert escape([1, "<", Html("<br>")]) == "1&lt;<br>"
    assert tag("meta", charset="utf-8", hidden=True, id=None) == '<meta charset="utf-8" hidden>'


def test_a_table_can_be_understood_without_seeing_it() -> None:
    """A table has a caption, heads with scope, and a region that the keyboard can scroll."""
    read = _Reader(markup.table("Counts", ["What", "#Many"], [("a", "1"), ("b", "2")]))
    assert read.elements.count("caption") == 1
    scopes = [value for name, value in read.attributes if name == "scope"]
    assert scopes == ["col", "col", "row", "row"]
    assert ("tabindex", "0") in read.attributes
    assert ("aria-label", "Counts") in read.attributes
