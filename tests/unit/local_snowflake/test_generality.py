"""The local Snowflake is for any dbt project: it names no other part of this one."""

from __future__ import annotations

import dataclasses
import re

from fakesnow.instance import GLOBAL_DATABASE_NAME

from local_snowflake.account_setup import AccountSetup
from local_snowflake.values.macro_place import PLACE
from local_stack.account import ACCOUNT
from tests.repository import ROOT

HOUSE = ROOT / "local_snowflake"
OTHER_PROJECT = ROOT / "tests" / "integration" / "other_project"
# What stands at the root of the repository; the names that every project has may be said.
OF_ANY_PROJECT = {
    "LICENSE", "Makefile", "README.md", "analyses", "docs", "local_snowflake", "logs", "macros",
    "models", "procedures", "report", "target", "tests", "tools",
}  # fmt: skip
ALSO = {"policy_workflow", "policy_execution", "local stack", "snowflake_facts"}
# A column of Snowflake's DESCRIBE TABLE.
SNOWFLAKES = '"policy name"'


def _names_of_the_project() -> set[str]:
    default = AccountSetup()
    given = dataclasses.asdict(ACCOUNT)
    values = [value for key, value in given.items() if value != getattr(default, key)]
    texts = {text for value in values for text in ([value] if isinstance(value, str) else value)}
    files = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    macros = {path.stem for path in (ROOT / "macros").rglob("*.sql") if path.stem[0] != "_"}
    models = {path.stem for path in (ROOT / "models").rglob("*.sql") if path.stem[0] != "_"}
    return (texts | files | macros | models | ALSO) - OF_ANY_PROJECT


def test_nothing_names_this_project() -> None:
    """No object, file, macro, model or default of this project is named in the emulator."""
    names = sorted(map(re.escape, _names_of_the_project()))
    pattern = re.compile(rf"(?<![\w$])({'|'.join(names)})(?!\w)|policy", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted([*HOUSE.rglob("*.py"), *HOUSE.glob("*.md")])
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line.replace(SNOWFLAKES, ""))
    ]
    assert found == []


def test_the_readme_shows_the_project_that_a_test_runs() -> None:
    """Each block of YAML and SQL in README stands in the other project word for word."""
    readme = (HOUSE / "README.md").read_text(encoding="utf-8")
    files = [path for path in OTHER_PROJECT.rglob("*") if path.is_file()]
    texts = [path.read_text(encoding="utf-8") for path in files]
    blocks = re.findall(r"^```(?:sql|yaml)\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 4
    assert [block for block in blocks if not any(block in text for text in texts)] == []


def test_macros_stand_where_statements_call_them() -> None:
    """The place of the engine's macros is fakesnow's own database."""
    assert f"{GLOBAL_DATABASE_NAME}.main." == PLACE
