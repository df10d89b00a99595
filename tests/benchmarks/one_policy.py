"""One policy as a whole process, against a run-operation that sends one `select 1`."""

from __future__ import annotations

import shutil
from pathlib import Path
from statistics import median

from tests.benchmarks.processes import Cost
from tests.benchmarks.stack import Stack
from tests.benchmarks.tables import Table
from tests.repository import ROOT

WARM, COLD = 1.15, 1.5
SHARE = 0.05
FLOOR = "{% macro floor() %}{% do run_query('select 1') %}{% endmacro %}"
EMPTY = "name: empty\nversion: 1.0.0\nprofile: test_sf\n"


def _with_floor(folder: Path) -> Path:
    """Copy this project, with the macro that is the floor."""
    project = folder / "with_floor"
    shutil.copytree(ROOT, project, ignore=shutil.ignore_patterns(".*", "target", "logs"))
    (project / "macros" / "floor.sql").write_text(FLOOR, encoding="utf-8")
    return project


def one_policy(stack: Stack, tries: int) -> Table:
    """Measure the floor, a warm run and a cold one, which take turns."""
    table = Table("One policy, whole process", ["run", "seconds", "processor (s)", "÷ floor"])
    project = _with_floor(stack.folder)
    costs: dict[str, list[Cost]] = {"floor": [], "warm": [], "cold": []}
    stack.order(statuses=["ready"])
    # The first one parses the project.
    stack.operation("floor", project=project)
    for _ in range(tries):
        stack.operation("undeploy_policy_workflow", project=project, drop_data=True)
        found = {
            "cold": stack.operation("run_policy_workflow", project=project),
            "floor": stack.operation("floor", project=project),
            "warm": stack.operation("run_policy_workflow", project=project),
        }
        for name, cost in found.items():
            costs[name].append(cost)
    floors = [cost.wall_seconds for cost in costs["floor"]]
    for name, all_of_them in costs.items():
        walls = [cost.wall_seconds for cost in all_of_them]
        ratio = median(wall / floor for wall, floor in zip(walls, floors, strict=True))
        cpu = median(cost.cpu_seconds for cost in all_of_them)
        table.rows.append([name, median(walls), cpu, ratio])
        if name != "floor":
            table.target(f"{name} ÷ floor", ratio, WARM if name == "warm" else COLD)
    return table


def start_of_dbt(stack: Stack, tries: int) -> Table:
    """Measure what dbt costs before it sends anything, and what of it this project adds."""
    table = Table("Start of dbt", ["command", "this project (s)", "an empty one (s)", "difference"])
    empty = stack.folder / "empty"
    (empty / "macros").mkdir(parents=True)
    (empty / "dbt_project.yml").write_text(EMPTY, encoding="utf-8")
    (empty / "macros" / "floor.sql").write_text(FLOOR, encoding="utf-8")
    ours = _with_floor(stack.folder)
    for title, more in (
        ("run-operation, project parsed before", []),
        ("the same with --no-write-json", ["--no-write-json"]),
        ("run-operation, parsed anew", ["--no-partial-parse"]),
    ):
        pairs = []
        for number in range(tries + 1):
            pair = [
                stack.operation("floor", *more, project=project, target=project / "target")
                for project in (ours, empty)
            ]
            if number:
                pairs.append([cost.wall_seconds for cost in pair])
        whole, bare = (median(column) for column in zip(*pairs, strict=True))
        table.rows.append([title, whole, bare, whole - bare])
        if not more:
            share = median((ours_ - bare_) / ours_ for ours_, bare_ in pairs)
            table.target("the project's own share of the start", share, SHARE)
    return table
