"""The macros' files, names, rooms, texts and documentation agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from jinja2 import nodes

from tests.repository import ROOT
from tests.unit.project import dbt_source

MACRO = re.compile(r"{%-?\s*(?:macro|test)\s+(\w+)\((.*?)\)\s*-?%}", re.S)
FILES = sorted((ROOT / "macros").rglob("*.sql"))
TEXTS = {path: path.read_text(encoding="utf-8") for path in FILES}
GENERATED = {path for path in FILES if path.parent.name == "generated"}
OPERATIONS = sorted(path for path in FILES if path.parent.name == "operations")
PUBLIC = [path for path in FILES if not path.stem.startswith("_")]
PUBLIC_ROOMS = {"operations", "gate", "generic_tests", "overridable"}
LONGEST = 160

# The rooms of the macros, and the rooms whose macros each may call besides its own.
ROOMS = {
    "operations": {
        *("steps", "runs", "deploy", "setup", "diagnosis", "explanation", "objects"),
        *("settings", "_internal"),
    },
    "explanation": {"settings", "_internal"},
    "steps": {"runs", "objects", "_internal"},
    "models": {"deploy", "objects", "settings", "_internal"},
    "generic_tests": {"gate", "objects", "_internal"},
    "gate": {"objects", "_internal"},
    "runs": {"diagnosis", "objects", "settings", "_internal"},
    "diagnosis": {"objects", "settings", "_internal"},
    "deploy": {"objects", "_internal"},
    "setup": {"objects", "_internal"},
    "objects": {"settings", "_internal", "generated"},
    "settings": {"_internal"},
    "overridable": set(),
    "generated": set(),
    "_internal": set(),
}


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


def helpers() -> dict[str, Path]:
    """The files of the macros that are not public, by the macros' names."""
    return {
        name: path
        for path, text in TEXTS.items()
        if path not in PUBLIC
        for name, _ in MACRO.findall(text)
    }


def room(path: Path) -> str:
    """The room in which a macro's file stands."""
    return path.relative_to(ROOT / "macros").parts[0]


def calls() -> Iterator[tuple[Path, str]]:
    """Every call of a macro by another one: the caller's file, and the name that it calls."""
    for path, text in TEXTS.items():
        for name in re.findall(r"policy_workflow\.(\w+)\(", text):
            yield path, name


def findings() -> dict[str, dict[str, str]]:
    """The texts of the findings by name, each with those of its texts that have placeholders."""
    path = ROOT / "macros" / "diagnosis" / "_finding_texts.sql"
    tree = dbt_source.parse(path.read_text(encoding="utf-8"))
    table = next(tree.find_all(nodes.Dict))
    return {
        entry.key.as_const(): {
            pair.key.as_const(): pair.value.as_const() for pair in entry.value.items
        }
        for entry in table.items
        if isinstance(entry.value, nodes.Dict)
    }


def test_a_public_macro_has_its_own_file() -> None:
    """A public macro's file has its name; other files hold private macros, each name once."""
    wrong = [
        f"{path.stem} holds {signature(path)[0]}"
        for path in PUBLIC
        if signature(path)[0] != path.stem
    ]
    wrong += [f"{path} is public" for path in PUBLIC if path.parent.name not in PUBLIC_ROOMS]
    names = [name for path in FILES if path not in PUBLIC for name, _ in MACRO.findall(TEXTS[path])]
    wrong += [f"{name} is public" for name in names if not name.startswith("_")]
    wrong += [f"{name} is there twice" for name in names if names.count(name) > 1]
    files = [path for path in FILES if path not in PUBLIC and len(MACRO.findall(TEXTS[path])) == 1]
    wrong += [f"{path.stem} holds another macro" for path in files if path.stem not in names]
    assert wrong == []


def test_a_private_macro_says_what_it_returns() -> None:
    """Before each private macro stands a comment on it."""
    silent = []
    for path in FILES:
        if path not in PUBLIC and path not in GENERATED:
            before = re.split(r"{%-?\s*macro\s+", TEXTS[path])
            names = [name for name, _ in MACRO.findall(TEXTS[path])]
            silent += [
                n for n, text in zip(names, before, strict=False) if not text.endswith("-#}\n")
            ]
    assert silent == []


def test_lines_fit_a_screen() -> None:
    """No line of a macro, a model, an analysis or a test of dbt is longer than it can be read."""
    found = [path for path in dbt_source.SQL if path not in GENERATED]
    found += [path for path in dbt_source.YAML if path.parent.name != "models"]
    assert [
        f"{path.relative_to(ROOT)}:{number}"
        for path in found
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > LONGEST
    ] == []


def test_rooms_call_in_one_direction() -> None:
    """A macro calls macros of its own room and of the rooms below, so no rooms make a circle."""
    homes = {name: room(path) for name, path in helpers().items()}
    wrong = {
        f"{path.relative_to(ROOT / 'macros')} calls {name} of {homes[name]}"
        for path, name in calls()
        if homes[name] not in ROOMS[room(path)] | {room(path)}
    }
    assert wrong == set()
    below: set[str] = set()
    for lower in reversed(ROOMS):
        assert ROOMS[lower] <= below, f"{lower} calls a room that stands above it"
        below.add(lower)


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
    assert called == set(helpers())


def test_commands_in_messages_exist() -> None:
    """Every `dbt run-operation` that a message gives is an operation."""
    given = {
        name for text in TEXTS.values() for name in re.findall(r"dbt run-operation (\w+)", text)
    }
    assert given <= {path.stem for path in OPERATIONS}
    assert "retry_policy_workflow" in given
    broken = re.compile(r"dbt run-operation ?[\"'] *$", re.M)
    assert [path.name for path, text in TEXTS.items() if broken.search(text)] == []


def test_every_finding_has_its_text() -> None:
    """A finding that a check adds has a text, and every text belongs to a finding."""
    added = {
        found.value
        for text in TEXTS.values()
        for call in dbt_source.parse(text).find_all(nodes.Call)
        if dbt_source.dotted(call.node) == "policy_workflow._add_finding"
        for found in (call.args[1], *call.args[1].find_all(nodes.Const))
        if isinstance(found, nodes.Const) and isinstance(found.value, str)
    }
    chosen = re.findall(r"set text = '(\w+)' if .*? else '(\w+)'", "".join(TEXTS.values()))
    assert added | {name for pair in chosen for name in pair} == set(findings())


def test_every_placeholder_of_a_finding_has_a_value() -> None:
    """A call that gives its values as they are gives all that the finding's texts name."""
    missing = []
    for path, text in TEXTS.items():
        for call in dbt_source.parse(text).find_all(nodes.Call):
            if dbt_source.dotted(call.node) != "policy_workflow._add_finding":
                continue
            name, given = call.args[1], call.args[2] if len(call.args) > 2 else nodes.Dict([])
            if isinstance(name, nodes.Const) and isinstance(given, nodes.Dict):
                keys = {pair.key.as_const() for pair in given.items}
                named = set(re.findall(r"{([a-z_]+)}", " ".join(findings()[name.value].values())))
                missing += [f"{path.name}: {name.value} needs {key}" for key in named - keys]
    assert missing == []


def test_remedies_name_what_there_is() -> None:
    """A var, an operation or an argument that a remedy names exists."""
    text = (ROOT / "macros" / "diagnosis" / "_failure_causes.sql").read_text(encoding="utf-8")
    joined = re.sub(r"'\n\s*~ '", "", text)
    remedies = re.findall(r"'remedy': '((?:[^'\\]|\\.)*)'", joined)
    assert len(remedies) > 20
    operations = dict(signature(found) for found in OPERATIONS)
    known = {
        *yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"],
        *operations,
        *(argument for arguments in operations.values() for argument in arguments),
        "policy_id",
    }
    filled = re.compile(r"{(?!policy_)\w+}")
    named = {
        word for text in remedies for word in re.findall(r"\b[a-z]+_[a-z_]+", filled.sub("", text))
    }
    assert named - {"secret_string"} <= known
