"""What is sent while the project's features run passes the SQL audit."""

from __future__ import annotations

import pytest

from local_snowflake.server import LocalSnowflake
from tests.integration.workflow import Workflow
from tests.repository import ROOT
from tests.sql_audit.audit import findings
from tests.sql_audit.rules.sources import project_sources
from tests.sql_audit.scenario import Scenario
from tests.sql_audit.statement import ADVICE, ANALYSES, MACROS, NODES, PROCEDURES


@pytest.mark.empty_schema
def test_everything_that_is_sent_passes_the_audit(
    workflow: Workflow, local_snowflake: LocalSnowflake
) -> None:
    """Every operation runs, everybody who sends is heard, all can be parsed, and no rule speaks up.

    dbt's unit tests, whose fixtures are long and no text of ours, are left to `make sql-audit`.
    """
    scenario = Scenario(workflow, local_snowflake, unit_tests=False)
    recording = scenario.run()
    operations = {path.stem for path in (ROOT / "macros" / "operations").glob("*.sql")}
    assert operations <= scenario.operations
    senders = {statement.sender for statement in recording.statements}
    assert {MACROS, NODES, ANALYSES, PROCEDURES, ADVICE} <= senders
    assert {kind for one in recording.statements for kind, _ in one.params} == {"TEXT"}
    assert recording.texts
    assert recording.requests
    assert [str(finding) for finding in findings(recording, project_sources())] == []
