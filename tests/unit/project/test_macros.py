"""The macros' files, names and documentation agree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.repository import ROOT

MACRO = re.compile(r"{%-?\s*macro\s+(\w+)\((.*?)\)\s*-?%}", re.S)
FILES = sorted((ROOT / "macros").rglob("*.sql"))
OPERATIONS = sorted(path for path in FILES if path.parent.name == "operations")


def signature(path: Path) -> tuple[str, list[str]]:
    """Name and argument names of a file's only macro."""
    found = MACRO.findall(path.read_text(encoding="utf-8"))
    assert len(found) == 1, f"{path.name} must hold one macro"
    name, arguments = found[0]
    return name, [part.split("=")[0].strip() for part in arguments.split(",") if part.strip()]


def documented() -> dict[str, Any]:
    """The macros of macros.yml by name."""
    text = (ROOT / "macros" / "macros.yml").read_text(encoding="utf-8")
    return {macro["name"]: macro for macro in yaml.safe_load(text)["macros"]}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_one_macro_a_file(path: Path) -> None:
    """A file holds one macro and has its name; what is not an operation begins with '_'."""
    name, _ = signature(path)
    assert name == path.stem
    assert name.startswith("_") == (path not in OPERATIONS)


def test_macros_yml_documents_the_operations() -> None:
    """Each operation, and nothing else, is documented, with a description."""
    assert sorted(documented()) == [path.stem for path in OPERATIONS]
    assert all(macro["description"].strip() for macro in documented().values())


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
def test_macros_yml_documents_every_argument(path: Path) -> None:
    """The documented arguments are the macro's, in order, each with type and description."""
    name, arguments = signature(path)
    described = documented()[name]["arguments"]
    assert [argument["name"] for argument in described] == arguments
    assert all(argument["type"] and argument["description"].strip() for argument in described)


def test_every_macro_that_is_called_exists_and_is_called() -> None:
    """No call of a macro that is not there, and no helper that nobody calls."""
    text = "".join(path.read_text(encoding="utf-8") for path in FILES)
    called = set(re.findall(r"policy_workflow\.(\w+)\(", text))
    assert called == {path.stem for path in FILES if path not in OPERATIONS}
