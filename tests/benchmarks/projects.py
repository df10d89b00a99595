"""The projects that dbt is started with, each with a macro that sends one `select 1`."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.repository import ROOT

FLOOR = "{% macro floor() %}{% do run_query('select 1') %}{% endmacro %}"
# One resource of each kind that this project has: dbt builds code for each kind that it meets.
ONE_OF_EACH_KIND = {
    "models/one.sql": "select a from {{ ref('two') }}",
    "models/two.sql": "select a from {{ source('given', 't') }}",
    "models/docs.md": "{% docs a %}A column.{% enddocs %}",
    "analyses/three.sql": "select 1 as a",
    "tests/four.sql": "select 1 as a where false",
    "models/all.yml": """
sources:
  - name: given
    tables: [{name: t, columns: [{name: a, data_tests: [not_null]}]}]
models:
  - name: one
    columns: [{name: a, description: "{{ doc('a') }}", data_tests: [unique]}]
unit_tests:
  - name: five
    model: one
    given: [{input: ref('two'), rows: [{a: 1}]}]
    expect: {rows: [{a: 1}]}
exposures:
  - {name: six, type: dashboard, owner: {name: somebody}, depends_on: [ref('one')]}
""",
}


def project_of(folder: Path, files: dict[str, str]) -> Path:
    """Make a project of the files, with the macro that is the floor."""
    all_of_them = {
        "dbt_project.yml": f"name: {folder.name}\nversion: 1.0.0\nprofile: test_sf\n",
        "macros/floor.sql": FLOOR,
        **files,
    }
    for name, text in all_of_them.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def with_floor(folder: Path) -> Path:
    """Copy this project, with the macro that is the floor."""
    project = folder / "with_floor"
    shutil.copytree(ROOT, project, ignore=shutil.ignore_patterns(".*", "target", "logs"))
    (project / "macros" / "floor.sql").write_text(FLOOR, encoding="utf-8")
    return project
