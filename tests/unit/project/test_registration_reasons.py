"""Why procedures are registered anew, as the COMMENT of the registered ones tells."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.repository import ROOT
from tests.unit.project.dbt_source import MACROS
from tests.unit.sql_audit.macros import Macros
from tools import docs

SOURCES = {str(p.relative_to(ROOT)): p.read_text(encoding="utf-8") for p in MACROS}
NOW = Macros(SOURCES)
MARKS: str = NOW._registration_marks()


def _reason(marks: str | None, project: str | None = None) -> Any:
    return NOW._registration_reason({"project": project, "marks": marks}, MARKS)


def test_every_var_of_a_registration_is_compared() -> None:
    """No other var than those of the place, where a registration is another one, is left out."""
    names = NOW._registered_vars(docs.specs())
    place = {"policy_workflow_database", "policy_workflow_schema"}
    assert set(names) == docs.registered_vars() - place
    assert re.fullmatch(rf", package [0-9a-f]{{8}}, vars [0-9a-f]{{{4 * len(names)}}}", MARKS)


@pytest.mark.parametrize("at", range(len(NOW._registered_vars(docs.specs()))))
def test_a_var_that_changed_is_named(at: int) -> None:
    """Other digits of a var name this var, and no other."""
    place = len(MARKS) - 4 * (len(NOW._registered_vars(docs.specs())) - at)
    other = "0000" if MARKS[place : place + 4] != "0000" else "1111"
    name = NOW._registered_vars(docs.specs())[at]
    assert _reason(MARKS[:place] + other + MARKS[place + 4 :]) == f"the var {name} changed"


def test_other_reasons() -> None:
    """What is not there, another package, an older COMMENT and another project are told apart."""
    assert NOW._registration_reason(None, MARKS) == "missing"
    package = MARKS.replace(MARKS[10:18], "0" * 8)
    assert _reason(package) == _reason(None) == "the package changed"
    assert _reason(MARKS, "theirs") == "taken over from the dbt project theirs"
    assert _reason(MARKS) == "the registration changed"


def test_the_package_is_the_body_without_its_vars() -> None:
    """A change in the code of the procedures is one of the package."""
    body = next(path for path in SOURCES if path.endswith("_procedure_body.sql"))
    newer = Macros({**SOURCES, body: SOURCES[body].replace("import json", "import  json", 1)})
    marks = newer._registration_marks()
    assert marks[:18] != MARKS[:18]
    assert marks[18:] == MARKS[18:]
