"""The project as dbt has parsed it: once for each set of vars, and not once for each command.

To parse takes dbt longer than most commands. What was parsed knows of the place of its relations
only their names, so that it serves in every schema.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import pickle
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.mp_context import get_mp_context

from tests.integration.quick_dbt import hasten, one_command
from tests.repository import ROOT

# What stands for the place in what was parsed.
_DATABASE, _SCHEMA = "PARSED_DATABASE", "PARSED_SCHEMA"

# Names the folder in which the processes of the same tests keep what they have parsed.
FOLDER = "POLICY_PARSED_FOLDER"

hasten()


def invoked(runner: dbtRunner, command: list[str]) -> Any:
    """Run a command; Ctrl-C, which dbt takes for a failure of it, ends the tests."""
    with one_command():
        result = runner.invoke(command)
    if isinstance(result.exception, KeyboardInterrupt):
        raise result.exception
    return result


@cache
def parsed_project() -> Manifest:
    """The manifest for operations, which need macros only and read vars when they run."""
    return placed_project({}, "POLICY_DB", "POLICY_WORKFLOW")


def placed_project(project_vars: Mapping[str, Any], database: str, schema: str) -> Manifest:
    """Answer the manifest of a project with these vars, whose target is a database and schema.

    A command may change its nodes, so these are the caller's; all share the macros.
    """
    parsed = _parsed(json.dumps(project_vars, sort_keys=True))
    placed = _manifest(vars(parsed))
    for nodes in ("nodes", "sources", "unit_tests"):
        setattr(placed, nodes, copy.deepcopy(getattr(parsed, nodes)))
    for node in (*placed.nodes.values(), *placed.sources.values()):
        if node.database == _DATABASE:
            node.database = database
        if node.schema == _SCHEMA:
            node.schema = schema
        if node.relation_name:
            named = node.relation_name.replace(_DATABASE, database)
            node.relation_name = named.replace(_SCHEMA, schema)
    placed.build_flat_graph()
    return placed


@cache
def _parsed(project_vars: str) -> Manifest:
    """Parse, unless another process of the same tests has done it."""
    name = hashlib.sha256(f"{ROOT} {project_vars}".encode()).hexdigest()
    kept = Path(os.environ[FOLDER]) / name if FOLDER in os.environ else None
    if kept and kept.exists():
        found: dict[str, Any] = pickle.loads(kept.read_bytes())
        return _manifest(found | {"_lock": get_mp_context().Lock()})
    parsed = _parse(project_vars)
    if kept:
        beside = kept.with_suffix(f".{os.getpid()}")
        beside.write_bytes(pickle.dumps(vars(parsed) | {"_lock": None}))
        beside.replace(kept)
    return parsed


def _manifest(parts: Mapping[str, Any]) -> Manifest:
    """Make a manifest of what another one holds."""
    made = Manifest.__new__(Manifest)
    vars(made).update(parts)
    return made


def _parse(project_vars: str) -> Manifest:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "profiles.example.yml", Path(folder) / "profiles.yml")
        places = ["--profiles-dir", folder, "--target-path", folder, "--log-path", folder]
        target = {"SNOWFLAKE_DATABASE": _DATABASE, "SNOWFLAKE_SCHEMA": _SCHEMA}
        alone = ["--no-partial-parse", "--no-write-json"]
        command = ["--quiet", "parse", *alone, "--project-dir", str(ROOT)]
        with mock.patch.dict("os.environ", target):
            result = invoked(dbtRunner(), [*command, "--vars", project_vars, *places])
    if not result.success:
        raise RuntimeError("the project does not parse") from result.exception
    parsed: Manifest = result.result
    return parsed
