"""The macros that read the var policy_api, for the tests of the var."""

from __future__ import annotations

from typing import Any

import yaml

from tests.repository import ROOT
from tests.unit.project.dbt_source import MACROS
from tests.unit.sql_audit.macros import Macros, StoppedError

SOURCES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in MACROS}
GIVEN: dict[str, Any] = {}
RENDERED = Macros(SOURCES, context={"var": lambda name, default=None: GIVEN.get(name, default)})
SPECS = RENDERED._setting_specs()
URL = "https://dbttest.free.beeceptor.com"
BREAKER = {
    "policy_id": "{policy_id}",
    "execution_id": "{api_execution_id}",
    "trigger_reason": "{trigger_reason}",
}
DEFAULT: dict[str, Any] = {
    "secrets": {},
    "headers": {"Accept": "application/json"},
    "find": None,
    "create": {
        "method": "POST",
        "url": f"{URL}/createpolicy",
        "body": "{policy}",
        "busy": [],
        "id": None,
        "already": [],
        "key": {"header": "Idempotency-Key"},
    },
    "poll": {
        "method": "GET",
        "url": f"{URL}/policy/{{policy_id}}",
        "body": None,
        "busy": [],
        "id": None,
        "status": None,
    },
    "trigger": {
        "method": "POST",
        "url": f"{URL}/circuit",
        "body": BREAKER,
        "busy": [],
        "id": None,
        "confirm": None,
        "already": [],
        "key": {"header": "Idempotency-Key"},
    },
}


def describe(described: Any, **others: Any) -> None:
    """Let the vars be a description, and others."""
    GIVEN.clear()
    GIVEN.update(policy_api=described, **others)


def read_yaml(text: str) -> Any:
    """Read a description that is written as YAML."""
    return yaml.safe_load(text)


def refusal(described: Any, *, macros: Macros = RENDERED, **others: Any) -> str:
    """What the check refuses a description with; nothing where the description is right."""
    describe(described, **others)
    if described is None:
        return ""
    try:
        macros._check_policy_api(described, SPECS)
    except StoppedError as stopped:
        return str(stopped).removeprefix("❌ policy_workflow: ")
    return ""


def completed(described: Any, **others: Any) -> dict[str, Any]:
    """The complete description."""
    assert refusal(described, **others) == ""
    made: dict[str, Any] = RENDERED._policy_api(SPECS)
    return made
