"""What a recording keeps of the statements, and what the report says about them."""

from __future__ import annotations

from pathlib import Path

from local_snowflake.server import Statement
from tests.sql_audit.audit import findings, report
from tests.sql_audit.recording import Recording, read, write
from tests.sql_audit.statement import MACROS, PROCEDURES

COMMENT = '/* {"app": "dbt", "connection_name": "macro_run_policy_workflow"} */'
SENT = [
    Statement("s", f"select 1\n{COMMENT}", "client"),
    Statement("s", f"select 2\n{COMMENT}", "client"),
    Statement("s", "select what_a_test_asks", "client"),
    Statement("p", "select parse_json(?)", "procedure", (("TEXT", '["e"]'),), "call", 5.5),
]


def test_a_recording_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Senders, bound values and times are kept; a test's own statements are left out."""
    write(SENT[:3], tmp_path / "folder" / "one.jsonl")
    write(SENT[3:], tmp_path / "folder" / "two.jsonl")
    statements = read(tmp_path / "folder").statements
    assert [(one.sender, one.sql) for one in statements] == [
        (MACROS, "select 1"),
        (MACROS, "select 2"),
        (PROCEDURES, "select parse_json(?)"),
    ]
    assert (statements[2].params, statements[2].call) == ((("TEXT", '["e"]'),), "call")
    assert (statements[2].at, statements[0].source) == (5.5, "macro_run_policy_workflow")


def test_the_report_counts_shapes_by_sender() -> None:
    """Each shape stands once, under its sender, with how often it was sent."""
    recording = Recording()
    recording.add(SENT)
    text = report(recording, [])
    assert f"| {MACROS} | 2 | 1 |" in text
    assert f"## {MACROS}\n\n| count | statement |\n|---|---|\n| 2 | `select 0` |" in text
    assert "0 finding(s)" in text


def test_what_is_found_is_in_the_report() -> None:
    """A finding shows its rule, sender and source, and the beginning of the statement."""
    recording = Recording()
    recording.add([Statement("s", f"select a from t\n{COMMENT}", "client")])
    found = [finding for finding in findings(recording, {}) if finding.sql]
    assert [finding.rule for finding in found] == ["unqualified_name"]
    text = report(recording, found)
    assert "unqualified_name: t is not fully qualified (project macros, macro_run_policy" in text
    assert "select a from t" in text
