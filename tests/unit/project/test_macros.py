"""The macros' files, names and documentation agree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from tests.repository import ROOT

MACRO = re.compile(r"{%-?\s*(?:macro|test)\s+(\w+)\((.*?)\)\s*-?%}", re.S)
FILES = sorted((ROOT / "macros").rglob("*.sql"))
OPERATIONS = sorted(path for path in FILES if path.parent.name == "operations")
PUBLIC_FOLDERS = ("operations", "gate", "generic_tests", "overridable")
PUBLIC = sorted(path for path in FILES if path.parent.name in PUBLIC_FOLDERS)


def signature(path: Path) -> tuple[str, list[str]]:
    """Name and argument names of a file's only macro."""
    found = MACRO.findall(path.read_text(encoding="utf-8"))
    assert len(found) == 1, f"{path.name} must hold one macro"
    name, arguments = found[0]
    return name, [part.split("=")[0].strip() for part in arguments.split(",") if part.strip()]


def public_name(path: Path) -> str:
    """The name by which dbt knows a public macro: a generic test's begins with 'test_'."""
    return f"test_{path.stem}" if path.parent.name == "generic_tests" else path.stem


def documented() -> dict[str, Any]:
    """The macros of macros.yml by name."""
    text = (ROOT / "macros" / "macros.yml").read_text(encoding="utf-8")
    return {macro["name"]: macro for macro in yaml.safe_load(text)["macros"]}


def test_one_macro_a_file() -> None:
    """A file holds one macro and has its name; what is not public begins with '_'."""
    wrong = {
        path.stem: name
        for path in FILES
        for name, _ in [signature(path)]
        if name != path.stem or name.startswith("_") == (path in PUBLIC)
    }
    assert wrong == {}


def test_a_helper_says_what_it_is() -> None:
    """A private macro's file begins with a comment that says what the macro does."""
    silent = [
        path.stem
        for path in FILES
        if path not in PUBLIC
        and not re.match(r"{#-\s*\S.*?-#}\n", path.read_text(encoding="utf-8"), re.S)
    ]
    assert silent == []


def test_macros_yml_documents_what_is_public() -> None:
    """Each public macro, and nothing else, is documented, with a description."""
    assert sorted(documented()) == sorted(public_name(path) for path in PUBLIC)
    assert all(macro["description"].strip() for macro in documented().values())


def test_macros_yml_documents_every_argument() -> None:
    """The documented arguments are the macro's, in order, each with type and description."""
    declared = {public_name(path): signature(path)[1] for path in PUBLIC}
    described = {name: macro["arguments"] for name, macro in documented().items()}
    assert {
        name: [argument["name"] for argument in arguments] for name, arguments in described.items()
    } == declared
    bare = [
        (name, argument["name"])
        for name, arguments in described.items()
        for argument in arguments
        if not (argument["type"] and argument["description"].strip())
    ]
    assert bare == []


def test_every_macro_that_is_called_exists_and_is_called() -> None:
    """No call of a macro that is not there, and no helper that nobody calls."""
    callers = [*FILES, ROOT / "dbt_project.yml"]
    for folder in ("models", "analyses", "tests/dbt"):
        callers += sorted((ROOT / folder).rglob("*.sql"))
    text = "".join(path.read_text(encoding="utf-8") for path in callers)
    called = set(re.findall(r"policy_workflow\.(\w+)\(", text))
    assert called == {path.stem for path in FILES if path not in PUBLIC}


def test_commands_in_messages_exist() -> None:
    """Every `dbt run-operation` that a message tells people to type is an operation."""
    told = {
        name
        for path in FILES
        for name in re.findall(r"dbt run-operation (\w+)", path.read_text(encoding="utf-8"))
    }
    assert told <= {path.stem for path in OPERATIONS}
    assert "retry_policy_workflow" in told


def test_remedies_name_what_there_is() -> None:
    """A var, an operation or an argument that a remedy names exists."""
    path = ROOT / "macros" / "diagnosis" / "_failure_causes.sql"
    remedies = re.findall(r"'remedy': '((?:[^'\\]|\\.)*)'", path.read_text(encoding="utf-8"))
    assert len(remedies) > 20
    operations = dict(signature(found) for found in OPERATIONS)
    known = {
        *yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"],
        *operations,
        *(argument for arguments in operations.values() for argument in arguments),
        "policy_id",
    }
    named = {word for text in remedies for word in re.findall(r"\b[a-z]+_[a-z_]+", text)}
    assert named - {"secret_string"} <= known
