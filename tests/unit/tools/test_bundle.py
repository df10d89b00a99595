"""The bundler, which makes one source of the modules of the procedures."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import json
import sys
import types
import typing
from pathlib import Path

import pytest

from tests.unit.procedures.builders import make_settings
from tools import bundle
from tools.macros import Macros, project_macros


def test_the_committed_macro_is_current() -> None:
    """The generated macro file is what today's modules make."""
    assert bundle.TARGET.read_text(encoding="utf-8") == bundle.generate()


def test_a_changed_module_makes_it_stale() -> None:
    """A change of any module is a change of the generated text."""
    sources = bundle.read_modules()
    assert len(sources) > 30
    added = {name: f"ADDED_{number} = 1" for number, name in enumerate(sources)}
    changed = {name: f"{text}\n{added[name]}\n" for name, text in sources.items()}
    lines = bundle.macro(bundle.bundle(changed)).splitlines()
    assert set(added.values()) <= set(lines)


HANDLERS = Macros(project_macros())._procedures()


def _as_snowflake_does(handler: str, source: str) -> types.ModuleType:
    """Run a body in a module that is named after its handler, and that `sys.modules` lacks."""
    module = types.ModuleType(f"{handler}_module")
    exec(compile(source, "_udf_code.py", "exec", dont_inherit=True), module.__dict__)
    return module


@pytest.fixture(scope="module")
def source() -> str:
    """Make the source of today's modules."""
    return bundle.bundle(bundle.read_modules())


@pytest.mark.parametrize("handler", HANDLERS)
def test_the_body_runs_in_a_module_that_is_not_registered(handler: str, source: str) -> None:
    """Each handler is defined when the source runs alone, in a module that is not registered."""
    module = _as_snowflake_does(handler, source)
    assert callable(getattr(module, handler))
    assert not {module.__name__, "_udf_code"} & set(sys.modules)
    assert "import procedures" not in source
    assert "from procedures" not in source


def test_nothing_in_the_body_looks_its_module_up(source: str) -> None:
    """Every annotation is a value: a text would be looked up in `sys.modules`, without success."""
    module = _as_snowflake_does("create_policy", source)
    ours = [
        value
        for value in vars(module).values()
        if isinstance(value, type | types.FunctionType) and value.__module__ == module.__name__
    ]
    functions = [f for f in ours if isinstance(f, types.FunctionType)] + [
        member
        for owner in ours
        if isinstance(owner, type)
        for member in vars(owner).values()
        if isinstance(member, types.FunctionType) and member.__module__ == module.__name__
    ]
    assert len(functions) > 100
    for item in [*ours, *functions]:
        for name, annotation in inspect.get_annotations(item).items():
            assert not isinstance(annotation, str), (item, name)


def test_its_classes_do_their_work_there(source: str) -> None:
    """The classes of the body work there: copies, changed copies, fields, texts."""
    module = _as_snowflake_does("create_policy", source)
    settings = module.load_settings(json.dumps(dataclasses.asdict(make_settings())))
    assert dataclasses.replace(settings, max_retries=1).max_retries == 1
    assert copy.deepcopy(settings) == settings
    assert "max_retries=" in repr(settings)
    page = module.Page(*range(len(module.Page._fields)))
    assert page._replace(**{module.Page._fields[0]: "x"})[0] == "x"
    hints = typing.get_type_hints(module.PolicyApi.create_policy)
    assert hints["return"] is module.ApiOutcome


def test_a_body_with_annotations_as_texts_dies_there() -> None:
    """Annotations as texts, which the bundle avoids, break a dataclass in such a module."""
    lines = ["from dataclasses import dataclass", "@dataclass", "class A:", "    a: int = 0"]
    assert _as_snowflake_does("run", "\n".join(lines)).A().a == 0
    with pytest.raises(AttributeError, match="__dict__"):
        _as_snowflake_does("run", "\n".join(["from __future__ import annotations", *lines]))


def test_each_module_stands_after_all_that_it_imports() -> None:
    """The order follows the imports and keeps rooms together, whatever the order of the input."""
    sources = {
        "run": "from procedures.steps.b import B",
        "steps.b": "from procedures.steps.a import A\nfrom procedures.tables.z import Z",
        "steps.a": "A = 1",
        "tables.z": (
            "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from procedures.tables.y import Y\n"
        ),
        "tables.y": "Y = 1",
    }
    order = ["tables.y", "tables.z", "steps.a", "steps.b", "run"]
    assert bundle.in_order(sources) == order
    assert bundle.in_order(dict(reversed(sources.items()))) == order


def test_the_modules_of_today_have_an_order() -> None:
    """The bundle has each module once, the handlers last."""
    sources = bundle.read_modules()
    order = bundle.in_order(sources)
    assert sorted(order) == sorted(sources)
    assert set(order[-len(HANDLERS) :]) == set(HANDLERS)


def test_a_module_with_code_in_an_init_is_refused(tmp_path: Path) -> None:
    """An `__init__.py` holds only a docstring, as its code would be in no bundle."""
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "__init__.py").write_text('"""A room."""\n', encoding="utf-8")
    (tmp_path / "room" / "a.py").write_text("X = 1\n", encoding="utf-8")
    assert bundle.read_modules(tmp_path) == {"room.a": "X = 1\n"}
    for code in ("X = 2", "from procedures.room.a import X"):
        (tmp_path / "room" / "__init__.py").write_text(f"{code}\n", encoding="utf-8")
        with pytest.raises(bundle.BundleError, match="more than a docstring"):
            bundle.read_modules(tmp_path)


@pytest.mark.parametrize(
    ("sources", "problem"),
    [
        ({"a": "X = 1", "b": "X = 2"}, "X is defined in a and in b"),
        ({"a": "X = '$$'"}, "holds"),
        ({"a": "X = '{% endraw %}'"}, "holds"),
        ({"a": "def f():\n    return\nreturn 1"}, "does not compile"),
        ({"a": "from procedures.b import X as Y", "b": "X = 1"}, "alias"),
        ({"a": "import procedures.b", "b": "X = 1"}, "must import names from a module"),
        ({"a": "from procedures.room import b", "room.b": "X = 1"}, "must import names"),
        ({"a": "from .b import X", "b": "X = 1"}, "must import names"),
        ({"a": "def f():\n    from procedures.b import X", "b": "X = 1"}, "inside a function"),
        (
            {"a": "from procedures.b import X", "b": "from procedures.a import Y"},
            "modules import each other in a circle: [ab] imports [ab] imports [ab]",
        ),
        (
            {
                "r.a": "from procedures.s.b import X",
                "s.b": "X = 1",
                "s.c": "from procedures.r.d import Y",
                "r.d": "Y = 1",
            },
            "rooms import each other in a circle: [rs] imports [rs] imports [rs]",
        ),
    ],
)
def test_what_cannot_be_bundled_is_refused(sources: dict[str, str], problem: str) -> None:
    """Circles, name collisions, $$, endraw, broken code and imports that stay are errors."""
    with pytest.raises(bundle.BundleError, match=problem.replace("$", r"\$")):
        bundle.bundle(sources)
