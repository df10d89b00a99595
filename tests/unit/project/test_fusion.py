"""What breaks in dbt 2.0 stands nowhere in the project; each check finds what it is there for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.repository import ROOT
from tests.unit.project import dbt_source
from tests.unit.project.dbt_source import SQL, YAML

PROJECT: dict[str, Any] = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))


def _macro(body: str) -> str:
    return f"{{% macro m(a) -%}}{body}{{%- endmacro %}}"


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_macros_models_and_tests_hold_nothing_that_breaks() -> None:
    """No unknown call, buried return, var without default, computed lookup or loose name."""
    found = {_name(path): _breaks(path.read_text(encoding="utf-8")) for path in SQL}
    assert len(found) > 100
    assert {name: breaks for name, breaks in found.items() if breaks} == {}


def _breaks(text: str) -> list[Any]:
    return [
        *dbt_source.unknown_calls(text),
        *dbt_source.buried_returns(text),
        *dbt_source.vars_without_default(text),
        *dbt_source.context_lookups(text),
        *(parts for parts in dbt_source.sent_statements(text) if dbt_source.ends_badly(parts)),
        *filter(None, map(dbt_source.unqualified, dbt_source.literal_statements(text))),
    ]


def test_models_and_tests_end_with_sql() -> None:
    """No semicolon and no comment after the last statement."""
    files = [path for path in SQL if "macros" not in path.relative_to(ROOT).parts]
    assert files
    assert [
        _name(path) for path in files if dbt_source.ends_badly([path.read_text(encoding="utf-8")])
    ] == []


def test_yaml_has_the_keys_and_forms_that_dbt_knows() -> None:
    """No custom top-level key, no deprecated form, and a default for every var."""
    found = {}
    for path in YAML:
        text = path.read_text(encoding="utf-8")
        found[_name(path)] = [
            *dbt_source.foreign_keys(path),
            *dbt_source.old_forms(yaml.safe_load(text)),
            *re.findall(r"\bvar\(\s*'[^']*'\s*\)", text),
        ]
    assert found
    assert {name: forms for name, forms in found.items() if forms} == {}


def test_the_project_file_has_plain_forms() -> None:
    """Configs have their plus, and no key is one of the deprecated paths."""
    assert not set(PROJECT) & {"source-paths", "data-paths", "log-path", "target-path", "tests"}
    assert all(key.startswith("+") for key in PROJECT["models"]["policy_workflow"])
    assert not re.search(r"\bvar\(\s*'[^']*'\s*\)", str(PROJECT))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{ policy_workflow._not_there() }}", ["policy_workflow._not_there"]),
        ("{{ _not_there(1) }}", ["_not_there"]),
        ("{% do adapter.no_method('x') %}", ["adapter.no_method"]),
        ("{{ modules.os.system('x') }}", ["modules.os.system"]),
        ("{{ a.items() }}{{ policy_workflow._setting('x') }}{{ 'x'.upper() }}", []),
    ],
)
def test_calls_of_nothing_are_found(text: str, found: list[str]) -> None:
    """A macro, function or method that does not exist is found, a method of a value is not."""
    assert dbt_source.unknown_calls(_macro(text)) == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("{% if a %}{{ return(1) }}{% endif %}{{ return(2) }}", ["m"]),
        ("{% for b in a %}{{ return(b) }}{% endfor %}", ["m"]),
        ("{% do return(1) %}", ["m"]),
        ("{{ return(1) }}", []),
    ],
)
def test_buried_returns_are_found(body: str, found: list[str]) -> None:
    """A return() inside a block, or by `do`, is found."""
    assert dbt_source.buried_returns(_macro(body)) == found


def test_vars_and_lookups_are_found() -> None:
    """A var without default and a macro looked up by name are found by their lines."""
    assert dbt_source.vars_without_default("\n{{ var('a') }}{{ var('b', none) }}") == [2]
    assert dbt_source.context_lookups("{{ context['a']() }}\n{{ context.get('a') }}") == [1, 2]


@pytest.mark.parametrize(
    ("body", "bad"),
    [
        ("{% do run_query('select 1;') %}", True),
        ("{% do run_query('select ' ~ a ~ ' -- done') %}", True),
        ("{% set s %}select 1\n/* end */{% endset %}{% do run_query(s) %}", True),
        ("{% set s = 'select ' ~ a %}{% do run_query(s) %}", False),
        ("{% set s %}select 1 -- one\nfrom t{% endset %}{% do run_query(s) %}", False),
    ],
)
def test_bad_ends_are_found(body: str, bad: bool) -> None:
    """A trailing semicolon or comment of what run_query sends is found, through a name as well."""
    statements = list(dbt_source.sent_statements(_macro(body)))
    assert len(statements) == 1
    assert dbt_source.ends_badly(statements[0]) is bad


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("create table t (a number)", "t"),
        ("create or replace procedure s.p()", "s.p"),
        ("alter table if exists t add column a number", "t"),
        ("call p('x')", "p"),
        ("drop table d.s.t", None),
        ("create table if not exists ", None),
    ],
)
def test_loose_names_are_found(statement: str, name: str | None) -> None:
    """A name without database and schema is found; one that a macro puts there is that macro's."""
    assert dbt_source.unqualified(statement) == name


def test_yaml_forms_are_found(tmp_path: Path) -> None:
    """A custom key, `tests:` and a config beside `config:` are found."""
    path = tmp_path / "s.yml"
    path.write_text("version: 2\nx-ours: 1\nmodels: [{name: a, tests: [unique], tags: [t]}]\n")
    assert dbt_source.foreign_keys(path) == {"x-ours"}
    assert list(dbt_source.old_forms(yaml.safe_load(path.read_text()))) == ["tests", "tags"]
