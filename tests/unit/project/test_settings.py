"""The vars: the registration takes all that the procedures read."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any

import yaml

from procedures.common.settings import Settings
from tests.repository import ROOT
from tools import docs


@cache
def specs() -> dict[str, Any]:
    """What the macro `_setting_specs` returns."""
    return docs.specs()


def project_vars() -> dict[str, Any]:
    """The vars of dbt_project.yml."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "dbt_project.yml").read_text("utf-8"))["vars"]
    return found


def test_a_body_gets_all_its_settings() -> None:
    """What is baked is what the procedures read, besides the names of their tables and the API."""
    baked = [spec["baked"] for spec in specs().values() if "baked" in spec]
    wanted = {field.name for field in fields(Settings)} - {
        "state_table",
        "events_table",
        "runs_table",
        "breakers_table",
        "api",
    }
    assert sorted(baked) == sorted(wanted)
