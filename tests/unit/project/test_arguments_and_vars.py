"""Arguments and vars that there are none of are refused, with the one that was meant."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from tests.repository import ROOT
from tests.unit.project.dbt_source import MACROS
from tests.unit.project.test_lines import RENDERED
from tests.unit.project.test_macros import OPERATIONS, signature
from tests.unit.project.test_settings import specs
from tests.unit.sql_audit.macros import Macros, StoppedError

CHECK = re.compile(
    r"_check_arguments\(\s*'(\w+)', (\[.*?\]), {(.*?)},\s*kwargs, varargs\s*\)", re.DOTALL
)
GATES = [
    ROOT / "macros" / folder / "require_policy_completed.sql"
    for folder in ("gate", "generic_tests")
]
SOURCES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in MACROS}
TYPE = re.compile(r"(string|bool|integer|any|relation|optional\[T\]|list\[T\]|dict\[T, T\])")


def _said(call: Any, *arguments: Any, **named: Any) -> str:
    """What a macro refuses in; nothing when it does not."""
    try:
        call(*arguments, **named)
    except StoppedError as stopped:
        return str(stopped).removeprefix("❌ policy_workflow: ")
    return ""


def test_an_operation_looks_at_its_arguments_first() -> None:
    """What it gives to the check is its own signature, and nothing is done before."""
    paths = [*OPERATIONS, *GATES]
    assert len(paths) > 10
    assert [path.stem for path in paths if not _checks_first(path)] == []


def _checks_first(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    name, names = signature(path)
    declared = re.search(rf"{name}\((.*?)\) -%}}\n", text, re.DOTALL)
    found = CHECK.search(text)
    if not declared or not found:
        return False
    own = [part.strip() for part in declared[1].split(",") if part.strip() not in ("", "model")]
    called = re.findall(r"policy_workflow\.(_\w+)", text.partition("execute")[2])
    return (
        found[1] == name
        and ast.literal_eval(found[2]) == [n for n in names if n != "model"]
        and re.findall(r"'(\w+)': \1", found[3]) == [part for part in own if "=" not in part]
        and called[0] == "_check_arguments"
    )


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"polcy_data": {}}, "has no argument polcy_data. Did you mean policy_data? run_policy_wo"),
        ({"executionid": "e"}, "has no argument executionid. Did you mean execution_id? "),
        ({"policys": []}, "Did you mean policies? run_policy_workflow takes policy_data, exec"),
        ({"Wait": False}, "Did you mean wait? "),
        ({"x" * 5000: 1}, f"has no argument {'x' * 200}. run_policy_workflow takes policy_data, "),
    ],
)
def test_a_misspelt_argument_is_named_with_the_nearest(given: dict[str, Any], answer: str) -> None:
    """The one that was meant stands in the answer where one is like it, and all that there are."""
    said = _said(RENDERED.run_policy_workflow, **given)
    assert said.startswith("run_policy_workflow has no argument ")
    assert answer in said


def test_arguments_that_are_missing_or_too_many() -> None:
    """What is needed is shown as it is typed; one that is given and empty is called that."""
    missing = _said(RENDERED.cancel_policy_execution, execution_id="e")
    assert missing == (
        "cancel_policy_execution needs the argument reason: "
        "--args '{execution_id: ..., reason: ...}'"
    )
    more = _said(RENDERED.deploy_policy_workflow, True, "more")
    assert more.endswith(
        "was given more than its arguments. deploy_policy_workflow takes take_over"
    )
    for blank in ("", "  \n"):
        said = _said(RENDERED.cancel_policy_execution, execution_id="e", reason=blank)
        assert said.endswith("Got: an empty text")
    assert "needs the argument policy_name" in _said(RENDERED.require_policy_completed)


def _vars(
    project_vars: Mapping[str, Any] | None = None,
    line: Mapping[str, Any] | None = None,
    project: str = "host",
) -> str:
    """What is said of the vars of a project, and of those of the command line."""
    seen = dict(project_vars or {})
    macros = Macros(
        SOURCES,
        context={
            "project_name": project,
            "invocation_args_dict": {"vars": line},
            "adapter": SimpleNamespace(config=SimpleNamespace(vars=SimpleNamespace(vars=seen))),
            "var": lambda name, default=None: (line or {}).get(name, seen.get(name, default)),
        },
    )
    return _said(macros._check_vars, specs())


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("policy_max_poll_attempt", "policy_max_poll_attempts"),
        ("policy_max_pol_attempts", "policy_max_poll_attempts"),
        ("policy_api_timeout", "policy_api_timeout_seconds"),
        ("policy_worfklow_schema", "policy_workflow_schema"),
        ("policy_lease_secnods", "policy_lease_seconds"),
        ("policy_package", "policy_packages"),
        ("policy_sucess_statuses", "policy_success_statuses"),
        ("POLICY_LEASE_SECONDS", "policy_lease_seconds"),
    ],
)
def test_a_misspelt_var_is_named_with_the_nearest(misspelt: str, meant: str) -> None:
    """Wherever it stands: under our name, for every project, or on the command line."""
    for said in (
        _vars({"policy_workflow": {misspelt: 1}}),
        _vars({misspelt: 1}),
        _vars(line={misspelt: 1}),
        _vars(line={"policy_workflow": {misspelt: 1}}),
        _vars({misspelt: 1}, project="policy_workflow"),
    ):
        assert said.startswith(f"policy_workflow has no var {misspelt}")
        assert f"Did you mean {meant}?" in said


def test_vars_of_the_host_are_its_own() -> None:
    """A var with our prefix that is like none of ours, or stands under the host's name, is left."""
    unlike = {"policy_owner_team": "x", "policy_retention_hours": 1, "start_date": "y"}
    own = {"host": {"policy_package": "y"}}
    assert _vars(unlike) == _vars(line=unlike) == ""
    assert _vars(own | {"policy_package": "x"}) == _vars(own, line={"policy_package": 1}) == ""
    assert _vars(own | {"other": {"policy_package": 1}}) == ""
    assert "let it stand under host in vars" in _vars({"policy_package": "x"})


def test_nothing_foreign_stands_under_our_name() -> None:
    """Under our name, and in this project itself, every name has to be one of ours."""
    assert "docs/settings.md lists all" in _vars({"policy_workflow": {"start_date": 1}})
    assert "Did you mean policy_max_poll_attempts?" in _vars({"policy_workflow": {"max_poll": 1}})
    said = _vars({"policy_owner_team": "x"}, project="policy_workflow")
    assert said.startswith("policy_workflow has no var policy_owner_team")
    assert _vars({"start_date": "x"}, project="policy_workflow") == ""


def test_every_var_of_ours_is_known() -> None:
    """None of the legal names is refused, in any place."""
    legal = {name: spec["default"] for name, spec in specs().items()}
    assert _vars({"policy_workflow": legal}) == _vars(legal) == _vars(line=legal) == ""
    assert _vars(legal, project="policy_workflow") == ""


def test_a_dbt_that_does_not_show_its_vars() -> None:
    """Where dbt_project.yml's vars cannot be seen, the others are looked at all the same."""
    line = {"vars": {"policy_package": 1}}
    macros = Macros(SOURCES, context={"project_name": "host", "invocation_args_dict": line})
    assert "Did you mean policy_packages?" in _said(macros._check_vars, specs())


def test_types_of_arguments_are_dbts() -> None:
    """A type that dbt 1.12 does not know is warned of at each start."""
    types = re.findall(r"type: (.*)", (ROOT / "macros" / "macros.yml").read_text("utf-8"))
    assert types
    assert [text for text in types if not _is_type(text)] == []


def _is_type(text: str) -> bool:
    while (shorter := TYPE.sub("T", text)) != text:
        text = shorter
    return text == "T"


def test_macros_yml_is_read_for_types() -> None:
    """There are arguments with types, and each of them stands on a line of its own."""
    documented = yaml.safe_load((ROOT / "macros" / "macros.yml").read_text("utf-8"))["macros"]
    assert sum(len(macro["arguments"]) for macro in documented) == len(
        re.findall(r"^ +type: ", (ROOT / "macros" / "macros.yml").read_text("utf-8"), re.M)
    )
