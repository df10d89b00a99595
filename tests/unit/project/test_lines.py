"""What commands print: each line goes through one sink, which shows all that a text holds."""

from __future__ import annotations

import datetime
import decimal
import json
import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.repository import ROOT
from tests.unit.project import dbt_source
from tests.unit.project.dbt_source import MACROS
from tests.unit.sql_audit.macros import Macros, StoppedError

RENDERED = Macros({str(p.relative_to(ROOT)): p.read_text(encoding="utf-8") for p in MACROS})
SINKS = {"log": "_log", "exceptions.warn": "_warn", "exceptions.raise_compiler_error": "_fail"}
# They print what is for another program: JSON, or a script of SQL.
PRINTING = {"diagnose_policy_execution", "policy_workflow_setup_sql", "policy_workflow_task_sql"}
HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def test_one_sink_for_each_kind_of_line() -> None:
    """No macro logs, warns or fails but by the sink, and only some print."""
    found = {
        (path.stem, name)
        for path in MACROS
        for name in dbt_source.called_names(path.read_text(encoding="utf-8"))
        if name in {"print", *SINKS} or name.startswith("exceptions.")
    }
    allowed = {(sink, name) for name, sink in SINKS.items()}
    allowed.add(("_fail", "exceptions.raise_fail_fast_error"))
    assert found == allowed | {(name, "print") for name in PRINTING}


def test_calls_are_found() -> None:
    """Functions, members and macros that are called are found by their names."""
    text = "{% macro m() %}{% do log(a.b(), info=true) %}{{ exceptions.warn(c[0]) }}{% endmacro %}"
    assert set(dbt_source.called_names(text)) == {"log", "a.b", "exceptions.warn"}


def test_lines_are_broken_by_the_sink_only() -> None:
    """What is given to a sink has no line break of its own: several lines are a list."""
    given_texts = [
        (path.stem, text)
        for path in MACROS
        for text in dbt_source.texts_given_to(path.read_text(encoding="utf-8"), *SINKS.values())
    ]
    assert given_texts
    assert [(name, text) for name, text in given_texts if "\n" in text] == []


def test_texts_given_are_found() -> None:
    """Literals are found in what a macro is given, in lists and after a condition as well."""
    text = "{% macro m() %}{% do policy_workflow._a(['x' ~ y, 'z' if b else 'w']) %}{% endmacro %}"
    assert set(dbt_source.texts_given_to(text, "_a")) == {"x", "z", "w"}
    assert set(dbt_source.texts_given_to(text, "_b")) == set()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("as it is: é ß 中 😀 ✅ \u00a0 # :: \\n", "as it is: é ß 中 😀 ✅ \u00a0 # :: \\n"),
        ("", ""),
        (17, "17"),
        (None, "None"),
        ("a\nb\r\nc\td", "a\\nb\\r\\nc\\td"),
        ("\x00\x1b[31m\x7f\x85\x9f", "\\u0000\\u001b[31m\\u007f\\u0085\\u009f"),
        ("\u2028\u2029\u061c\u200b\u200f", "\\u2028\\u2029\\u061c\\u200b\\u200f"),
        ("\u202a\u202e\u2066\u2069\u2060\ufeff", "\\u202a\\u202e\\u2066\\u2069\\u2060\\ufeff"),
        ("\ud800 \udfff", "\\ud800 \\udfff"),
        ("a ##[error]b ##vso[c]d ##", "a #\\u0023[error]b #\\u0023vso[c]d #\\u0023"),
        ("###[error]", "#\\u0023#[error]"),
        ("::error::a", "\\u003a:error::a"),
        (" \u3000::error::a", " \u3000\\u003a:error::a"),
        ("a ::error::b", "a ::error::b"),
        ("\n::error::a", "\\n::error::a"),
    ],
)
def test_a_line(text: Any, line: str) -> None:
    """Only what hides or commands is written as JSON does, and all else as it is."""
    assert RENDERED._line(text) == line


@given(st.text(st.sampled_from("#:[ v\n\x1b\u2028\u202e\ud800a😀") | st.characters(), max_size=30))
def test_any_text_is_one_line(text: str) -> None:
    """A line begins with no command, holds nothing hidden, and stays as it is at a second time."""
    line = RENDERED._line(text)
    assert not HIDDEN.search(line)
    assert "##" not in line
    assert not line.lstrip().startswith("::")
    assert RENDERED._line(line) == line


def test_every_hidden_character_is_shown() -> None:
    """Of all characters, those that hide are escaped and no others are."""
    every = [chr(code) for code in range(0x110000)]
    harmless = "".join(character for character in every if not HIDDEN.match(character))
    assert RENDERED._line(harmless) == harmless
    for character in every:
        if HIDDEN.match(character):
            assert RENDERED._line(character) == json.dumps(character)[1:-1]


CONSOLES: list[dict[str, str]] = [
    {},
    {"PYTHONIOENCODING": "cp1252"},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "ascii:backslashreplace"},
    {"PYTHONIOENCODING": ":replace"},
    {"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "0", "LC_ALL": "C"},
    {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "1"},
    {"PYTHONUTF8": "0", "LC_ALL": "C"},
    {"PYTHONUTF8": "0", "LC_ALL": "POSIX", "LANG": "C.UTF-8"},
    {"PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"},
    {"PYTHONUTF8": "0", "LC_CTYPE": "C.utf8", "LANG": "C"},
    {"PYTHONUTF8": "1", "LC_ALL": "C"},
    {"LC_ALL": "C"},
    {"LANG": "C"},
    {"LANG": "C.UTF-8"},
]
SEEN = "import os, sys, json; print(json.dumps([sys.stdout.encoding, dict(os.environ)]))"


@pytest.mark.parametrize("console", CONSOLES, ids=str)
def test_signs_where_the_output_carries_them(console: dict[str, str]) -> None:
    """What Python itself chooses for an environment decides between signs and words."""
    ran = subprocess.run(
        [sys.executable, "-c", SEEN], env=console, stdout=subprocess.PIPE, check=True
    )
    encoding, environment = json.loads(ran.stdout)
    line = _on(environment)._line("✅ 日本 é: a → b")
    if encoding.lower() == "utf-8":
        assert line == "✅ 日本 é: a → b"
    else:
        assert line == "OK \\u65e5\\u672c \\u00e9: a -> b"


@pytest.mark.parametrize(
    ("console", "carries"),
    [
        ({"OS": "Windows_NT"}, False),
        ({"OS": "Windows_NT", "PYTHONUTF8": "1"}, True),
        ({"OS": "Windows_NT", "PYTHONIOENCODING": "utf-8"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({"LANG": "de_DE@euro"}, False),
    ],
)
def test_signs_on_other_machines(console: dict[str, str], carries: bool) -> None:
    """Windows and older locales get words, unless Python writes UTF-8 by its settings."""
    assert _on(console)._line("❌ a") == ("❌ a" if carries else "FAILED a")


def test_words_for_all_signs() -> None:
    """Every sign that a macro shows has a word, so that no verdict is an escape."""
    plain = _on({"PYTHONIOENCODING": "ascii"})
    for path in MACROS:
        text = re.sub(r"[{]#.*?#[}]", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for sign in set(re.findall(r"[^\x00-\x7f]+ ?", text)):
            if path.stem != "_procedure_body":
                assert "\\u" not in plain._line(sign), (path.stem, sign)


def _on(environment: dict[str, str]) -> Macros:
    found = Macros({str(p.relative_to(ROOT)): p.read_text(encoding="utf-8") for p in MACROS})
    found._environment.globals["env_var"] = lambda name, default="": environment.get(name, default)
    return found


def test_a_tojson_that_escapes_less() -> None:
    """What dbt 2.0's tojson leaves as it is does not stay hidden."""
    sources = {str(p.relative_to(ROOT)): p.read_text(encoding="utf-8") for p in MACROS}
    newer = Macros(sources)
    newer._environment.globals["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
    assert newer._line("\n\x7f\u2028a") == "\\n\\ufffd\\ufffda"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("a\nb", "a\\nb"),
        (["a\nb", "  c ##[d]"], "a\\nb\n  c #\\u0023[d]"),
        (["a", "::b"], "a\n\\u003a:b"),
    ],
)
def test_a_failure_breaks_lines_between_its_own(lines: Any, message: str) -> None:
    """A text is one line of the message, a list of texts one each."""
    with pytest.raises(StoppedError, match="policy_workflow") as stopped:
        RENDERED._fail(lines)
    assert str(stopped.value) == f"❌ policy_workflow: {message}"


@pytest.mark.parametrize(
    "name",
    [
        "a; drop table b",
        "a\n",
        "a b",
        "",
        "a.b.c",
        '"a\nb"',
        '"a\u2028b"',
        '"##[error]"',
        '"a" "b"',
    ],
)
def test_names_that_no_script_takes(name: str) -> None:
    """A script that is printed has names that end where SQL says, on their line."""
    RENDERED._check_names(["DB.SCHEMA", 'DB."my schema"', '"x".Y_1$', "_ROLE"])
    with pytest.raises(StoppedError, match="cannot stand in a script"):
        RENDERED._check_names(["DB.SCHEMA", name])


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "nothing"),
        ("", "an empty text"),
        ("secret", "a text"),
        ("\ud800", "a text with half of a surrogate pair"),
        (True, "a boolean"),
        (17, "a number"),
        (1.5, "a number"),
        (float("nan"), "NaN"),
        (float("-inf"), "Infinity"),
        ({}, "an empty object"),
        ({"a": "secret", 1: 2}, "an object with the keys a, 1"),
        ([], "an empty list"),
        (["secret", 2, 3], "a list of 3"),
        (("secret",), "a list of 1"),
        (b"secret", "bytes"),
        ({"secret"}, "a set"),
        (datetime.date(2026, 11, 24), "a date"),
        (datetime.datetime(2026, 11, 24, 1, 2), "a date"),
        (datetime.time(1, 2), "a time"),
        (decimal.Decimal("1.5"), "a value of another kind"),
        (object(), "a value of another kind"),
    ],
)
def test_a_kind(value: Any, kind: str) -> None:
    """A value is described without its content; only an object's keys are shown."""
    assert RENDERED._kind(value) == kind


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("text", "text"),
        (17, "17"),
        (True, "true"),
        ("POST ", '"POST "'),
        ("\u200ba", '"\\u200ba"'),
        ("x" * 300, "x" * 200),
        ("https://user:secret@host/a", "https://...@host/a"),
        ("ftp://host/a?token=secret", "ftp://host/a?..."),
        ("what? a@b", "what? a@b"),
        ({"a": "secret"}, "an object with the keys a"),
        (datetime.date(2026, 11, 24), "a date"),
    ],
)
def test_what_an_argument_was_given(value: Any, shown: str) -> None:
    """Texts and numbers are shown, without what a URL may keep secret; of others the kind."""
    assert RENDERED._got(value) == shown
