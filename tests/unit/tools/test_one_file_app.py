"""The build step that joins the modules of the app into one file."""

from __future__ import annotations

import ast
import sys

import pytest

from tools import app


def _sources() -> dict[str, str]:
    return {
        path.stem: path.read_text(encoding="utf-8")
        for path in app.FOLDER.glob("*.py")
        if path != app.TARGET
    }


def test_the_committed_file_is_current() -> None:
    """The file that people deploy is what the modules make today."""
    assert app.TARGET.read_text(encoding="utf-8") == app.generate()


def test_a_changed_module_makes_the_file_stale() -> None:
    """A change of any module of the app changes the file; the page's own modules do not."""
    sources = _sources()
    before = app.one_file(sources, app.ENTRY)
    of_the_app = app.in_order({n: ast.parse(text) for n, text in sources.items()}, app.ENTRY)
    assert not {"page", "executions", "markup", "svg", "command"} & set(of_the_app)
    for name in sources:
        changed = sources | {name: sources[name] + f"\nADDED_TO_{name.upper()} = 1\n"}
        assert (app.one_file(changed, app.ENTRY) != before) == (name in of_the_app)


def test_check_tells_a_stale_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--check writes nothing, names the command that writes, and exits with 1."""
    assert app.main(["--check"]) == 0
    monkeypatch.setattr(app, "generate", lambda: "another text")
    assert app.main(["--check"]) == 1
    assert "run `make generate`" in capsys.readouterr().err
    assert app.TARGET.read_text(encoding="utf-8") != "another text"


def test_the_file_stands_alone() -> None:
    """Streamlit in Snowflake takes the file alone: it imports nothing else of the project."""
    tree = ast.parse(app.TARGET.read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"altair", "streamlit", "snowflake"}


def test_modules_are_joined_in_the_order_of_their_imports() -> None:
    """Each module stands after what it imports; imports from elsewhere stand once, at the top."""
    joined = app.one_file(
        {
            "first": '"""First."""\nimport os\nfrom report.second import two\nONE = two + 1',
            "second": '"""Second."""\nimport os\nfrom report.third import three\ntwo = three',
            "third": '"""Third."""\nfrom math import pi\nthree = int(pi)',
            "other": "import math",
        },
        "first",
    )
    assert joined.count("import os") == 1
    assert "from report" not in joined
    assert "other" not in joined
    space: dict[str, object] = {}
    exec(joined, space)
    assert space["ONE"] == 4
    assert space["__doc__"] == "First.\n"


@pytest.mark.parametrize(
    ("sources", "problem"),
    [
        ({"a": "from report.b import x\ny = 1", "b": "from report.a import y\nx = 1"}, "a → b → a"),
        ({"a": "from report.b import x"}, "a imports b, which is no module of report"),
        ({"a": "from report.b import x\ny = 1", "b": "x = y = 1"}, "y is defined in b"),
        ({"a": "from report.b import x\nimport os", "b": "x = os = 1"}, "os is defined in b"),
        (
            {"a": "from report.b import x\nimport os", "b": "from posix import abc as os\nx = os"},
            "os is abc of posix, and in a it is the module os",
        ),
        ({"a": "import report.b"}, "a: import names"),
        ({"a": "from report import b"}, "a: an import of our own has the form"),
        ({"a": "from .b import x"}, "a: an import of our own has the form"),
        (
            {"a": "from report.b import x as y", "b": "x = 1"},
            "a: an import of our own has the form",
        ),
        (
            {"a": "def f():\n    from report.b import x"},
            "a: an import of our own stands at the top",
        ),
        ({"a": "if f:\n    from report.b import x"}, "a: an import of our own stands at the top"),
    ],
)
def test_what_cannot_be_joined_is_refused(sources: dict[str, str], problem: str) -> None:
    """Circles, names with two meanings and imports of our own in another form are errors."""
    with pytest.raises(app.AppError, match=problem):
        app.one_file(sources, "a")
