"""One policy as a whole process, against a run-operation that sends one `select 1`."""

from __future__ import annotations

from statistics import median

from tests.benchmarks.processes import Cost
from tests.benchmarks.projects import with_floor
from tests.benchmarks.stack import Stack
from tests.benchmarks.tables import Table

WARM, COLD = 1.15, 1.5


def one_policy(stack: Stack, tries: int) -> Table:
    """Measure the floor, a warm run and a cold one, which take turns."""
    table = Table("One policy, whole process", ["run", "seconds", "processor (s)", "÷ floor"])
    project = with_floor(stack.folder)
    costs: dict[str, list[Cost]] = {"floor": [], "warm": [], "cold": []}
    stack.order(statuses=["ready"])
    # The first one parses the project.
    stack.operation("floor", project=project)
    for number in range(tries):
        stack.operation("undeploy_policy_workflow", project=project, drop_data=True)
        # Neither always comes after the same one.
        turns = ["cold", "floor", "warm"] if number % 2 else ["cold", "warm", "floor"]
        for name in turns:
            macro = "floor" if name == "floor" else "run_policy_workflow"
            costs[name].append(stack.operation(macro, project=project))
    floors = [cost.wall_seconds for cost in costs["floor"]]
    for name, all_of_them in costs.items():
        walls = [cost.wall_seconds for cost in all_of_them]
        ratio = median(wall / floor for wall, floor in zip(walls, floors, strict=True))
        cpu = median(cost.cpu_seconds for cost in all_of_them)
        table.rows.append([name, median(walls), cpu, ratio])
        if name != "floor":
            table.target(f"{name} ÷ floor", ratio, WARM if name == "warm" else COLD)
    return table
