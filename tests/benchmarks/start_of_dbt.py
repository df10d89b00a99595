"""What dbt costs before it sends anything, and what of it this project adds."""

from __future__ import annotations

from statistics import median

from tests.benchmarks.projects import ONE_OF_EACH_KIND, project_of, with_floor
from tests.benchmarks.stack import Stack
from tests.benchmarks.tables import Table

SHARE = 0.05


def start_of_dbt(stack: Stack, tries: int) -> Table:
    """Measure what dbt costs before it sends anything, and what of it this project adds."""
    columns = [
        "command",
        "this project (s)",
        "one of each kind (s)",
        "an empty one (s)",
        "share over the empty one",
        "own share",
    ]
    table = Table("Start of dbt", columns)
    projects = [
        with_floor(stack.folder),
        project_of(stack.folder / "one_of_each_kind", ONE_OF_EACH_KIND),
        project_of(stack.folder / "empty", {}),
    ]
    for title, more in (
        ("run-operation, project parsed before", []),
        ("the same with --no-write-json", ["--no-write-json"]),
        ("run-operation, parsed anew", ["--no-partial-parse"]),
    ):
        found = []
        for number in range(tries + 1):
            # No project always comes after the same one.
            turns = projects[number % 3 :] + projects[: number % 3]
            costs = {
                project: stack.operation("floor", *more, project=project, target=project / "target")
                for project in turns
            }
            if number:
                found.append([costs[project] for project in projects])
        columns_of_costs = list(zip(*found, strict=True))
        walls = [median(cost.wall_seconds for cost in column) for column in columns_of_costs]
        # dbt parses in one thread: its processor time is what others on the machine disturb least.
        ours, kinds, bare = (
            median(cost.cpu_seconds for cost in column) for column in columns_of_costs
        )
        share = (ours - kinds) / ours
        table.rows.append([title, *walls, (ours - bare) / ours, share])
        if not more:
            table.target("the project's own share of the start", share, SHARE)
    return table
