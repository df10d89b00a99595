"""JSON that is received and sent: what is mended, what is refused, and what is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.answers.answer_json import MAX_ANSWER_DEPTH, NumberText, parse_answer
from procedures.common.printable import printable
from procedures.common.strict_json import parse_strictly


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0) if isinstance(value, dict | list) else 0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"n": 1e400}', {"n": "1e400"}),
        ('{"n": -1e400}', {"n": "-1e400"}),
        ('{"n": 1.5, "i": 17}', {"n": 1.5, "i": 17}),
        ('{"n": ' + "1" * 39 + "}", {"n": "1" * 39}),
        ('{"n": ' + "1" * 38 + "}", {"n": int("1" * 38)}),
        ('{"n": ' + "1" * 9999 + "}", {"n": "1" * 9999}),
        ('{"t": "\\ud83d\\ude00"}', {"t": "😀"}),
        ('{"t": "a\\ud800b\\u0000"}', {"t": "a\ufffdb\ufffd"}),
        ('{"\\udc00": 1}', {"\ufffd": 1}),
        ("\ufeff[]", []),
    ],
)
def test_an_answer_is_mended(text: str, value: Any) -> None:
    """A value that no table can hold is replaced; all others stay as they came."""
    assert parse_answer(text.encode()) == (value, None)


@pytest.mark.parametrize(
    "text", ["NaN", '{"n": Infinity}', '{"a": 1, "a": 2}', "{", "", "  ", "[}", "[" * 70 + "}" * 70]
)
def test_an_answer_that_is_no_json(text: str) -> None:
    """An answer that is no JSON gives no value, and a reason."""
    value, problem = parse_answer(text.encode())
    assert value is None
    assert problem


def test_a_number_that_became_a_text_is_no_text() -> None:
    """A number that is kept as text can be distinguished from a text."""
    value, _ = parse_answer(b'{"n": 1e400, "t": "1e400"}')
    assert isinstance(value["n"], NumberText)
    assert not isinstance(value["t"], NumberText)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.integers(0, 5000),
)
def test_no_depth_is_too_deep(core: Any, levels: int) -> None:
    """However deep an answer is nested, it is parsed, and what is kept is bounded."""
    lists = levels // 2
    text = '{"a":' * (levels - lists) + "[" * lists + json.dumps(core) + "]" * lists
    value, problem = parse_answer((text + "}" * (levels - lists)).encode())
    assert problem is None
    assert _depth(value) <= MAX_ANSWER_DEPTH


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"n": 1e400}', "larger than"),
        ('{"n": ' + "1" * 301 + "}", "over 300 digits"),
        ('{"t": "\\ud800"}', "surrogate"),
        ('{"\\udbff": 1}', "surrogate"),
        ('{"n": NaN}', "NaN"),
        ('{"a": 1, "a": 1}', "twice"),
    ],
)
def test_what_cannot_be_sent_is_refused(text: str, problem: str) -> None:
    """A policy that no table or no request can hold is refused, without its content."""
    with pytest.raises(ValueError, match=problem):
        parse_strictly(text)


@given(st.text(st.characters(codec=None)))
def test_a_shown_text_is_one_line_that_hides_nothing(text: str) -> None:
    """Escapes replace what cannot be seen, and reading them gives the text back."""
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    assert "\x1b" not in shown
    shown.encode()


def test_a_shown_text_is_cut() -> None:
    """A text is cut after it was escaped, so that nothing invisible stays at its end."""
    assert printable("\n" * 10, 5) == "\\n\\n…"
    assert printable("ab::error::", 11) == "ab::error::"
