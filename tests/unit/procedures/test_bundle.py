"""The build step that makes one source of the modules."""

from __future__ import annotations

import types

import pytest

from procedures import bundle


def test_the_committed_macro_is_current() -> None:
    """The generated macro file is what the modules make today."""
    assert bundle.TARGET.read_text(encoding="utf-8") == bundle.generate()


def test_a_changed_module_makes_it_stale() -> None:
    """A change of any module changes the generated text."""
    sources = {n: (bundle.FOLDER / f"{n}.py").read_text("utf-8") for n in bundle.MODULES}
    before = bundle.macro(bundle.bundle(sources))
    for name in bundle.MODULES:
        changed = sources | {name: sources[name] + f"\nADDED_TO_{name.upper()} = 1\n"}
        assert bundle.macro(bundle.bundle(changed)) != before


def test_the_bundle_runs_without_the_package() -> None:
    """The three handlers are there when the source runs alone."""
    sources = {n: (bundle.FOLDER / f"{n}.py").read_text("utf-8") for n in bundle.MODULES}
    source = bundle.bundle(sources)
    module = types.ModuleType("_udf_code")
    import sys

    sys.modules["_udf_code"] = module
    try:
        exec(compile(source, "_udf_code.py", "exec"), module.__dict__)
    finally:
        del sys.modules["_udf_code"]
    for handler in ("create_policy", "poll_policy_status", "trigger_circuit_breaker"):
        assert callable(getattr(module, handler))
    assert "import procedures" not in source
    assert "from procedures" not in source


@pytest.mark.parametrize(
    ("sources", "problem"),
    [
        ({"a": "X = 1", "b": "X = 2"}, "X is defined in a and in b"),
        ({"a": "X = '$$'"}, "holds"),
        ({"a": "X = '{% endraw %}'"}, "holds"),
        ({"a": "def f():\n    return\nreturn 1"}, "does not compile"),
        ({"a": "from procedures.b import X as Y"}, "alias"),
    ],
)
def test_what_cannot_be_bundled_is_refused(sources: dict[str, str], problem: str) -> None:
    """Name collisions, $$, endraw, broken code and aliases of our own are errors."""
    with pytest.raises(bundle.BundleError, match=problem.replace("$", r"\$")):
        bundle.bundle(sources)
