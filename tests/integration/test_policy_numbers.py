"""Policies with numbers of every spelling: the same command again knows them, and sends nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from procedures.domain.policy_value import is_same
from tests.integration.workflow import Ran, Workflow

# As YAML gives them to a run, in a policy each.
GIVEN: dict[str, Any] = {
    "whole": 1.0,
    "trailing": 90.00,
    "large-exponent": 1.0e5,
    "larger-exponent": 1e22,
    "small-exponent": 1e-7,
    "tenth": 0.1,
    "long": 12345678901234567890,
    "negative-zero": -0.0,
    "seventeen-digits": 0.30000000000000004,
    "true-beside-one": {"flag": True, "count": 1, "off": False, "none": 0},
    "nested": {"z": [1.0, [2.50, {"b": 1e16, "a": -1.5}]], "a": 1e300},
    "largest": 1.7976931348623157e308,
}
# As a text has them, to the letter.
WRITTEN = {
    "whole": "1.0",
    "trailing": "90.00",
    "exponent": "1e5",
    "small-exponent": "1E-7",
    "small-plain": "0.0000001",
    "tenth": "0.1",
    "long": "12345678901234567890",
    "long-fraction": "12345678901234567890.5",
    "negative-zero": "-0.0",
    "signed-double-zero": "-0e0",
    "seventeen-digits": "[0.30000000000000004, 1.2345678901234568e-05]",
    "true-beside-one": '{"z": true, "a": 1, "m": 1.000}',
}
AGAIN = "12 execution(s) were completed before"


def _run(workflow: Workflow, **arguments: Any) -> Ran:
    ran = workflow.run(**arguments)
    assert ran.success, ran.output
    assert "12 of 12 execution(s) completed" in ran.output
    return ran


def _repeat(workflow: Workflow, **arguments: Any) -> None:
    """The same command again, also when retention has removed the rows, sends nothing."""
    for _ in range(2):
        assert AGAIN in _run(workflow, **arguments).output
        workflow.query("delete from policy_execution_state")
    assert AGAIN in _run(workflow, **arguments).output
    for endpoint in ("create", "circuit"):
        assert len(workflow.sent(endpoint)) == 12


def test_a_list_of_policies_is_known_again(workflow: Workflow) -> None:
    """Twelve policies in the arguments are completed by their first run, whatever their numbers."""
    policies = [
        {"policy_data": {"policy_name": name, "n": value}, "execution_id": name}
        for name, value in GIVEN.items()
    ]
    _run(workflow, policies=policies)
    assert {sent["policy_name"]: sent["n"] for sent in workflow.sent("create")} == GIVEN
    _repeat(workflow, policies=policies)


@pytest.mark.parametrize("kind", ["varchar", "variant"])
def test_a_relation_of_policies_is_known_again(workflow: Workflow, kind: str) -> None:
    """As text they are sent to the letter; out of a VARIANT with Snowflake's digits and order."""
    texts = {
        name: f'{{"policy_name": "{name}", "n": {number}}}' for name, number in WRITTEN.items()
    }
    workflow.query(f"create table wanted (execution_id varchar, policy_data {kind})")
    given = "?" if kind == "varchar" else "parse_json(?)"
    for name, text in texts.items():
        workflow.query(f"insert into wanted select ?, {given}", [name, text])
    _run(workflow, policies_from="wanted")
    bodies = {
        entry.json["policy_name"]: entry.body
        for entry in workflow.api.journal("create")
    }  # fmt: skip
    assert all(is_same(bodies[name], text) for name, text in texts.items())
    if kind == "varchar":
        assert bodies == texts
    else:
        shown = workflow.query(
            "select execution_id as id, to_json(policy_data) as text from wanted"
        )
        assert bodies == {next(iter(row.values())): list(row.values())[1] for row in shown}
        assert list(json.loads(bodies["true-beside-one"])["n"]) == ["a", "m", "z"]
    _repeat(workflow, policies_from="wanted")


def test_another_number_is_another_policy(workflow: Workflow) -> None:
    """What differs by value is refused, though it is close, or equal to Python: 1 and true."""
    pairs = [("1", "true"), ("0.1", "0.10000000000000001"), ("90.0", "90.1"), ("1e5", "100001")]
    workflow.query("create table wanted (execution_id varchar, policy_data varchar)")
    for index, (first, _) in enumerate(pairs):
        workflow.query(
            "insert into wanted select ?, ?",
            [f"e-{index}", f'{{"policy_name": "x", "n": {first}}}'],
        )
    assert workflow.run(policies_from="wanted").success
    for index, (_, second) in enumerate(pairs):
        workflow.query(
            "update wanted set policy_data = ? where execution_id = ?",
            [f'{{"policy_name": "x", "n": {second}}}', f"e-{index}"],
        )
    for _ in range(2):
        again = workflow.run(policies_from="wanted")
        assert not again.success
        assert "exists with another policy_data (4 such). Nothing was sent." in again.output
        workflow.query("delete from policy_execution_state")
    assert len(workflow.sent("create")) == len(pairs)


def test_a_policy_that_is_sent_again_is_the_given_text(workflow: Workflow) -> None:
    """To the letter, also when its row was restored from the history, which keeps its value."""
    text = '{"policy_name": "p", "n": [1.0, 1e5, 12345678901234567890.5], "a": {"z": 90.00}}'
    workflow.query("create table wanted (execution_id varchar, policy_data varchar)")
    workflow.query("insert into wanted select ?, ?", ["p", text])
    workflow.api.order(endpoint="create", http_status=400, times=3)
    for _ in range(3):
        assert not workflow.run(policies_from="wanted").success
        workflow.query("delete from policy_execution_state")
    assert workflow.run(policies_from="wanted").success
    assert [entry.body for entry in workflow.api.journal("create")] == [text] * 4
