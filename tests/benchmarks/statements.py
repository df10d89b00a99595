"""How many statements and requests a run sends: counts, which no machine makes noisy."""

from __future__ import annotations

from tests.benchmarks.in_process import sent_by_procedures, workflows
from tests.benchmarks.tables import Table


def statements(sizes: list[int], polls: list[int]) -> Table:
    """Count what warm runs of so many policies send, ready at so many polls."""
    table = Table(
        "Statements and requests",
        [
            "policies",
            "ready at poll",
            "statements from dbt",
            "their characters",
            "inside the procedures",
            "their characters ",
            "requests",
            "characters of their bodies",
        ],
    )
    with workflows(1) as (server, (workflow,)):
        workflow.run("deploy_policy_workflow")
        for size in sizes:
            workflow.query(f"create or replace table wanted_{size} (policy_data variant)")
            workflow.query(
                f'insert into wanted_{size} select parse_json(\'{{"policy_name": "p"}}\') '
                f"from table(generator(rowcount => {size}))"
            )
            for number in polls:
                workflow.api.reset()
                workflow.api.order(statuses=["pending"] * (number - 1) + ["ready"])
                before = len(server.statements)
                ran = workflow.run(policies_from=f"wanted_{size}")
                if not ran.success:
                    raise RuntimeError(ran.output)
                inside = sent_by_procedures(server, before)
                journal = workflow.api.journal()
                table.rows.append(
                    [
                        size,
                        number,
                        len(ran.statements),
                        sum(map(len, ran.statements)),
                        len(inside),
                        sum(map(len, inside)),
                        len(journal),
                        sum(len(entry.body) for entry in journal),
                    ]
                )
    return table
