"""The vars: README, dbt_project.yml and the macro that reads them say the same."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import Any

import jinja2
import pytest
import yaml

from procedures.common.settings import Settings
from tests.repository import ROOT

ROW = re.compile(r"^\| `(\w+)`( †)? \| `(.*?)` \| (.*?) \| (.*?) \|$", re.M)
README = {
    name: {"baked": bool(baked), "default": yaml.safe_load(default), "legal": legal}
    for name, baked, default, legal, _ in ROW.findall((ROOT / "README.md").read_text("utf-8"))
}


def specs() -> dict[str, Any]:
    """What the macro `_setting_specs` returns."""
    source = (ROOT / "macros" / "_internal" / "_setting_specs.sql").read_text(encoding="utf-8")
    returned: list[dict[str, Any]] = []
    jinja2.Environment(autoescape=False).from_string(source + "{{ _setting_specs() }}").render(
        {"return": returned.append, "fromjson": json.loads}
    )
    return returned[0]


def project_vars() -> dict[str, Any]:
    """The vars of dbt_project.yml."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "dbt_project.yml").read_text("utf-8"))["vars"]
    return found


def test_the_same_vars_with_the_same_defaults() -> None:
    """All three places list the same vars with the same defaults."""
    expected = {name: spec["default"] for name, spec in specs().items()}
    assert project_vars() == expected
    assert {name: row["default"] for name, row in README.items()} == expected


@pytest.mark.parametrize("name", specs())
def test_bounds_are_documented(name: str) -> None:
    """README and the comment in dbt_project.yml give a number's bounds."""
    spec = specs()[name]
    project = (ROOT / "dbt_project.yml").read_text("utf-8")
    comment = re.search(rf"((?:^  #.*\n)+)(?:  \w+:.*\n){{0,1}}  {name}:", project, re.M)
    assert comment, f"{name} has no comment"
    if spec["type"] == "integer":
        bounds = f"{spec['min']} to {spec['max']}"
        assert README[name]["legal"].removesuffix(", or null") == bounds
        assert bounds in comment[1]
    assert ("null" in README[name]["legal"]) == bool(spec.get("optional"))


def test_the_mark_of_baked_vars_is_right() -> None:
    """A var is marked as baked exactly when the registration reads it."""
    text = "".join(
        (ROOT / "macros" / file).read_text("utf-8")
        for file in ("objects/_procedure_ddl.sql", "objects/_schema.sql")
    )
    registered = set(re.findall(r"_setting\('(\w+)'\)", text))
    baked = {name for name, spec in specs().items() if "baked" in spec}
    assert {name for name, row in README.items() if row["baked"]} == registered | baked


def test_a_body_gets_all_its_settings() -> None:
    """What is baked is what the procedures read, besides the names of their tables."""
    baked = [spec["baked"] for spec in specs().values() if "baked" in spec]
    wanted = {field.name for field in fields(Settings)} - {
        "state_table",
        "events_table",
        "runs_table",
    }
    assert sorted(baked) == sorted(wanted)
