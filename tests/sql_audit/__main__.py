"""Runs the audit: `python -m tests.sql_audit [FOLDER]`; FOLDER holds a recording of the tests."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from local_snowflake.server import LocalSnowflake
from local_stack.account import ACCOUNT
from local_stack.policy_api import PolicyApi
from tests.account.account import Account, OwnSchemas
from tests.account.policy_api import ReachedApi
from tests.integration.workflow import Workflow
from tests.repository import ROOT
from tests.sql_audit.audit import findings, report
from tests.sql_audit.recording import Recording, read
from tests.sql_audit.rules.sources import project_sources
from tests.sql_audit.scenario import Scenario

WRITTEN = ROOT / "target" / "sql_audit.md"


def _record() -> Recording:
    with (
        PolicyApi() as api,
        LocalSnowflake(setup=ACCOUNT) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        server.open_external_access(api.host, api.port)
        account = Account.local(server.environment())
        with OwnSchemas(account) as schemas, schemas.one() as schema:
            workflow = Workflow(account, ReachedApi(api.base_url), Path(folder), schema)
            recording = Scenario(workflow, server, unit_tests=True).run()
            workflow.connection.close()
        return recording


def main() -> int:
    """Audit a recording, or else a fresh run of the scenario; returns 1 if there is a finding."""
    recording = read(Path(sys.argv[1])) if len(sys.argv) > 1 else _record()
    if not recording.statements:
        sys.stderr.write("nothing was recorded\n")
        return 2
    found = findings(recording, project_sources())
    text = report(recording, found)
    WRITTEN.parent.mkdir(exist_ok=True)
    WRITTEN.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{text}\n{len(found)} finding(s); in {WRITTEN.relative_to(ROOT)}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
