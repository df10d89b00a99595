"""Reads macros and YAML for what dbt 2 refuses (docs/snowflake_facts.md#dbt-versions)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, nodes

from tests.repository import ROOT

MACROS = sorted((ROOT / "macros").rglob("*.sql"))
SQL = [
    *MACROS,
    *(path for folder in ("models", "analyses") for path in sorted((ROOT / folder).glob("*.sql"))),
    *sorted((ROOT / "tests" / "dbt").rglob("*.sql")),
]
YAML = [
    *(ROOT / "macros").rglob("*.yml"),
    *(ROOT / "models").rglob("*.yml"),
    *(ROOT / "analyses").rglob("*.yml"),
]
DEFINED = {
    name
    for path in MACROS
    for name in re.findall(r"{%-?\s*macro (\w+)\(", path.read_text(encoding="utf-8"))
}

# What we use of dbt's context; a name that is not here is looked up before it is used.
FUNCTIONS = {
    *(
        "config",
        "dict",
        "doc",
        "env_var",
        "fromjson",
        "local_md5",
        "log",
        "namespace",
        "print",
        "range",
    ),
    *("ref", "return", "run_query", "set", "source", "tojson", "var", "caller", "zip"),
}
MEMBERS = {
    "adapter": {"dispatch", "get_relation"},
    "exceptions": {"raise_compiler_error", "raise_fail_fast_error", "warn"},
    "api.Relation": {"create"},
    "modules.re": {"escape", "findall", "fullmatch", "match", "search", "split", "sub"},
    "modules.datetime.datetime": {"now", "strptime"},
}
TOP_LEVEL_KEYS = {
    *("version", "models", "sources", "macros", "exposures", "unit_tests", "analyses"),
    *("data_tests", "seeds", "snapshots", "groups", "metrics", "semantic_models", "saved_queries"),
}
_DDL = re.compile(
    r"\s*(?:(?:create(?:\s+or\s+replace)?|alter|drop|describe)\s+"
    r"(?:table|view|procedure|secret|network\s+rule|task)(?:\s+if(?:\s+not)?\s+exists)?"
    r"|call|insert\s+into|delete\s+from|merge\s+into|truncate(?:\s+table)?)\s+"
    # Functions of the system live in no schema.
    r"(?!if\b|system\$)(?P<name>[\w\"$][\w\"$.]*)",
    re.IGNORECASE,
)


def parse(text: str) -> nodes.Template:
    """Parse a file of dbt's Jinja; a generic test is read as a macro of its own kind."""
    plain = re.sub(r"({%-?\s*)(end)?test\b", r"\1\2macro", text)
    return Environment(autoescape=False, extensions=["jinja2.ext.do"]).parse(plain)


def unknown_calls(text: str, defined: set[str] | None = None) -> list[str]:
    """Calls of functions, macros and members of dbt's objects that there are none of."""
    known = DEFINED if defined is None else defined
    found = []
    tree = parse(text)
    local = {n.name for n in tree.find_all(nodes.Name) if n.ctx in ("store", "param")}
    for call in tree.find_all(nodes.Call):
        name = dotted(call.node)
        owner, _, member = name.rpartition(".")
        if owner == "policy_workflow":
            exists = member in known
        elif owner in MEMBERS:
            exists = member in MEMBERS[owner]
        elif not owner:
            exists = name in FUNCTIONS | local or name == ""
        else:  # a method of a value
            exists = owner.split(".")[0] not in ("adapter", "exceptions", "modules", "api", "dbt")
        if not exists:
            found.append(name)
    return found


def dotted(node: nodes.Node) -> str:
    """A name with its attributes; empty for anything that is computed."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        owner = dotted(node.node)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def called_names(text: str) -> Iterator[str]:
    """The names of all functions, members and macros that are called."""
    for call in parse(text).find_all(nodes.Call):
        if name := dotted(call.node):
            yield name


def texts_given_to(text: str, *macros: str) -> Iterator[str]:
    """The literals in what calls of our macros with these names are given."""
    wanted = {f"policy_workflow.{name}" for name in macros}
    for call in parse(text).find_all(nodes.Call):
        if dotted(call.node) in wanted:
            for argument in call.args:
                # find_all looks below a node only.
                for found in (argument, *argument.find_all(nodes.Const)):
                    if isinstance(found, nodes.Const) and isinstance(found.value, str):
                        yield found.value


def buried_returns(text: str) -> list[str]:
    """Macros with a return() that is not a statement of its own at their top level."""
    found = []
    for macro in parse(text).find_all(nodes.Macro):
        at_top = [
            item
            for output in macro.body
            if isinstance(output, nodes.Output)
            for item in output.nodes
            if _is_call(item, "return")
        ]
        every = [call for call in macro.find_all(nodes.Call) if _is_call(call, "return")]
        if len(at_top) != len(every):
            found.append(macro.name)
    return found


def _is_call(node: nodes.Node, name: str) -> bool:
    return isinstance(node, nodes.Call) and dotted(node.node) == name


def vars_without_default(text: str) -> list[int]:
    """Lines that read a var without saying what it is when it is not set."""
    return [
        call.lineno
        for call in parse(text).find_all(nodes.Call)
        if dotted(call.node) == "var" and len(call.args) + len(call.kwargs) < 2
    ]


def context_lookups(text: str) -> list[int]:
    """Lines that look a macro up by a name that is computed."""
    tree = parse(text)
    items = [node.lineno for node in tree.find_all(nodes.Getitem) if _is_context(node.node)]
    members = [node.lineno for node in tree.find_all(nodes.Getattr) if _is_context(node.node)]
    return sorted(items + members)


def _is_context(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name in ("context", "builtins")


def sent_statements(text: str) -> Iterator[list[str]]:
    """The statements that are given to run_query, as their literal parts; values are left empty.

    A name stands for what was last set to it; what another macro made is that macro's matter.
    """
    tree = parse(text)
    for macro in tree.find_all(nodes.Macro):
        assigned: dict[str, nodes.Node] = {}
        for assign in macro.find_all(nodes.Assign):
            if isinstance(assign.target, nodes.Name):
                assigned[assign.target.name] = assign
        for block in macro.find_all(nodes.AssignBlock):
            if isinstance(block.target, nodes.Name):
                assigned[block.target.name] = block
        for call in macro.find_all(nodes.Call):
            if _is_call(call, "run_query") and call.args:
                argument: nodes.Node = call.args[0]
                if isinstance(argument, nodes.Name) and argument.name in assigned:
                    argument = assigned[argument.name]
                yield _parts(argument)


def literal_statements(text: str) -> Iterator[str]:
    """Every literal, of a macro or of a file, that begins as a statement does."""
    tree = parse(text)
    values = [node.value for node in tree.find_all(nodes.Const)]
    values += [node.data for node in tree.find_all(nodes.TemplateData)]
    for value in values:
        if isinstance(value, str) and _DDL.match(value):
            yield value


def _parts(node: nodes.Node) -> list[str]:
    if isinstance(node, nodes.Const):
        return [str(node.value)]
    if isinstance(node, nodes.TemplateData):
        return [node.data]
    if isinstance(node, nodes.Concat):
        return [part for item in node.nodes for part in _parts(item)]
    if isinstance(node, nodes.Assign):
        return _parts(node.node)
    if isinstance(node, nodes.AssignBlock | nodes.Output):
        children = node.body if isinstance(node, nodes.AssignBlock) else node.nodes
        return [part for item in children for part in _parts(item)]
    return [""]


def ends_badly(parts: list[str]) -> bool:
    """Whether a statement ends with a semicolon or a comment."""
    text = "".join(parts).rstrip()
    last = text.rsplit("\n", 1)[-1]
    return text.endswith((";", "*/")) or "--" in last


def unqualified(statement: str) -> str | None:
    """The name that a statement creates or changes without saying where it lives; None if fine."""
    match = _DDL.match(statement)
    return match["name"] if match and match["name"].count(".") != 2 else None


def foreign_keys(path: Path) -> set[str]:
    """Top-level keys of a YAML file that dbt does not know."""
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return set(found) - TOP_LEVEL_KEYS


def old_forms(node: Any) -> Iterator[str]:
    """Deprecated keys in a YAML of resources: `tests`, and configs beside `config`."""
    if isinstance(node, list):
        for item in node:
            yield from old_forms(item)
    elif isinstance(node, dict):
        if "tests" in node:
            yield "tests"
        if "name" in node:
            yield from sorted({"meta", "tags", "enabled", "materialized", "severity"} & set(node))
        for value in node.values():
            yield from old_forms(value)
