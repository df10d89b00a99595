"""How many statements and requests a run sends: counts, which no machine makes noisy."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from local_stack.policy_api import PolicyApi
from local_stack.snowflake.server import LocalSnowflake
from tests.account.account import Account, OwnSchemas
from tests.account.policy_api import ReachedApi
from tests.benchmarks.tables import Table
from tests.integration.workflow import Workflow


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
    with contextlib.ExitStack() as open_things:
        folder = open_things.enter_context(tempfile.TemporaryDirectory())
        api = open_things.enter_context(PolicyApi())
        server = open_things.enter_context(LocalSnowflake())
        server.open_external_access(api.host, api.port)
        account = Account.local(server.environment())
        schema = open_things.enter_context(OwnSchemas(account)).one()
        place = open_things.enter_context(schema)
        workflow = Workflow(account, ReachedApi(api.base_url), Path(folder), place)
        workflow.run("deploy_policy_workflow")
        for size in sizes:
            workflow.query(f"create or replace table wanted_{size} (policy_data variant)")
            workflow.query(
                f'insert into wanted_{size} select parse_json(\'{{"policy_name": "p"}}\') '
                f"from table(generator(rowcount => {size}))"
            )
            for number in polls:
                api.reset()
                api.order(statuses=["pending"] * (number - 1) + ["ready"])
                before = len(server.statements)
                ran = workflow.run(policies_from=f"wanted_{size}")
                if not ran.success:
                    raise RuntimeError(ran.output)
                inside = [s.sql for s in server.statements[before:] if s.kind == "procedure"]
                journal = api.journal()
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
