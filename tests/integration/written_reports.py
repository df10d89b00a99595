"""Reports on records that stand in place of the views."""

from __future__ import annotations

import argparse
import datetime
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from snowflake.connector import DictCursor

from report.command import run
from report.queries import LISTED_EVENTS
from tests.integration.workflow import Workflow
from tests.unit.report.records import Records
from tests.unit.report.view_tables import fill_views


@dataclass(frozen=True)
class LargeReport:
    """A report of which not everything is listed.

    Args:
        workflow: where its records are.
        report: the file.
        first: the execution that has more events than are listed.
        asked: the statements that the report sent.

    """

    workflow: Workflow
    report: Path
    first: str
    asked: list[str]


def written(workflow: Workflow, records: Records, folder: Path) -> Path:
    """Put records in place of the views, and write the report into the folder."""
    fill_views(workflow.connection, records)
    output = folder / "report.html"
    arguments = argparse.Namespace(output=output, days=7, title="Policies")
    assert run(arguments, workflow.environment) == 0
    return output


def large_report(
    workflow: Workflow, records: Records, folder: Path, now: datetime.datetime
) -> LargeReport:
    """Write the report on records, the first of which has more events than are listed."""
    first = records.policy_execution_history[0]["execution_id"]
    for extra in range(2 * LISTED_EVENTS):
        records.policy_execution_history.append(
            {
                "event_id": f"extra-{extra}",
                "execution_id": first,
                "sequence": 1000 + extra,
                "event": "superseded",
                "event_time": now,
                "message": f"extra {extra}",
            }
        )
    original = DictCursor.execute
    with mock.patch.object(DictCursor, "execute", autospec=True) as execute:
        execute.side_effect = original
        report = written(workflow, records, folder)
    asked = [call.args[1] for call in execute.call_args_list]
    return LargeReport(workflow, report, first, asked)
