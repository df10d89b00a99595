"""`make bench`: measures, prints tables, and writes them under target/benchmarks.

docs/performance.md says how to read them. Figures of the same row were taken in turns, in one run.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.history import history
from tests.benchmarks.local_stack import local_stack
from tests.benchmarks.many_policies import many_policies
from tests.benchmarks.one_policy import one_policy
from tests.benchmarks.stack import stack
from tests.benchmarks.start_of_dbt import start_of_dbt
from tests.benchmarks.statements import statements
from tests.benchmarks.tables import Table, write
from tests.repository import ROOT

LATENCIES = (0.0, 0.05, 0.2)
SIZES = [(count, latency) for count in (1, 100, 1000, 10_000) for latency in LATENCIES]
Parts = dict[str, Callable[[], Table]]

ALL: Parts = {
    "local_stack": lambda: local_stack(5),
    "statements": lambda: statements([1, 10, 100, 1000], [1, 2, 3]),
    "one_policy": lambda: _with_stack(one_policy, 12),
    "start_of_dbt": lambda: _with_stack(start_of_dbt, 9),
    "many_policies": lambda: _with_stack(many_policies, SIZES),
    "history": lambda: history([0, 10_000, 1_000_000], 15),
}
QUICK: Parts = {
    "local_stack": lambda: local_stack(1),
    "statements": lambda: statements([1, 100], [1]),
    "one_policy": lambda: _with_stack(one_policy, 2),
    "many_policies": lambda: _with_stack(many_policies, [(1000, 0.05)]),
}


def main() -> None:
    """Measure the parts that were asked for."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="fewer parts, tries and sizes")
    options.add_argument("--to", type=Path, default=ROOT / "target" / "benchmarks")
    options.add_argument("parts", nargs="*", help="default: all")
    given = options.parse_args()
    parts = QUICK if given.quick else ALL
    if unknown := set(given.parts) - set(parts):
        options.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    tables = []
    for name in given.parts or parts:
        tables.append(parts[name]())
        print(tables[-1].markdown(), flush=True)
        write(tables, given.to)


def _with_stack(part: Callable[..., Table], size: object) -> Table:
    with stack() as running:
        return part(running, size)


if __name__ == "__main__":
    main()
