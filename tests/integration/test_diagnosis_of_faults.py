"""The doctor looks once at a deployment in which much is wrong, and names each with its remedy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from tests.account.account import Account
from tests.account.policy_api import ReachedApi
from tests.integration.deployed_schemas import DeployedSchemas
from tests.integration.diagnoses import findings
from tests.integration.workflow import Workflow

HEAD = """language python runtime_version = '3.10'
    packages = ('snowflake-snowpark-python') handler = 'run'"""
BODY = "as $$\ndef run(session, request):\n    return {}\n$$"


@pytest.fixture(scope="module")
def broken(
    account: Account,
    deployed_schemas: DeployedSchemas,
    policy_api: ReachedApi,
    local_snowflake: LocalSnowflake,  # noqa: ARG001  # whose integrations anybody may make
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Workflow]:
    """Give a deployment of which tables, procedures and the way to the API are broken."""
    with deployed_schemas.one() as schema:
        made = Workflow(account, policy_api, tmp_path_factory.mktemp("broken"), schema)
        made.environment["POLICY_API_BASE_URL"] = "https://api.example.com"
        for statement in (
            'alter table policy_execution_state drop column "last_sequence"',
            'alter table policy_execution_runs drop column "position"',
            'alter table policy_execution_runs add column "position" varchar',
            f"create procedure create_policy(n number, v variant) returns variant {HEAD} {BODY}",
            f"""create or replace procedure poll_policy_status(request varchar) returns variant
                {HEAD} execute as caller {BODY}""",
        ):
            made.query(statement)
        for way, host, enabled in (
            ("OFF", "other.example.com", False),
            ("ON", "*.example.com", True),
        ):
            made.query(
                f"""create network rule {schema}_{way} mode = egress type = host_port
                value_list = ('{host}')"""
            )
            made.query(
                f"create or replace external access integration EAI_{schema}_{way} "
                f"allowed_network_rules = ({schema}_{way}) enabled = {str(enabled).lower()}"
            )
        yield made
        made.connection.close()


@pytest.fixture(scope="module")
def wrong(broken: Workflow) -> dict[str, dict[str, Any]]:
    """Give what one diagnosis finds where much is wrong."""
    settings = {
        "policy_trigger_reason": "another",
        "policy_external_access_integrations": [
            *broken.integrations,
            f"EAI_{broken.schema}_OFF",
            "NOT_THERE",
        ],
        "policy_api_secret": f"{broken.place}.NO_TOKEN",
    }
    return findings(broken, project_vars=settings)


def test_a_table_of_an_older_version(wrong: dict[str, dict[str, Any]]) -> None:
    """Missing columns are named with what adds them; a column of another type is named, too."""
    found = wrong["policy_execution_state"]
    assert (found["level"], found["next"]) == ("error", "dbt run-operation deploy_policy_workflow")
    assert found["says"].endswith("without last_sequence")
    assert "position is varchar instead of number" in wrong["policy_execution_runs"]["says"]


def test_procedures_that_are_not_as_they_should_be(
    wrong: dict[str, dict[str, Any]], broken: Workflow
) -> None:
    """A stale one, one of an old signature, and one with the caller's rights are distinguished."""
    assert wrong["trigger_circuit_breaker"]["level"] == "warn"
    assert "not current" in wrong["trigger_circuit_breaker"]["says"]
    assert wrong["poll_policy_status"]["level"] == "error"
    assert wrong["poll_policy_status"]["next"].startswith("alter procedure")
    (old,) = [name for name in wrong if name.startswith("create_policy(")]
    statement = f"drop procedure if exists {broken.place}.create_policy(NUMBER, VARIANT)"
    assert wrong[old]["next"] == statement


def test_the_way_out_to_the_api(wrong: dict[str, dict[str, Any]], broken: Workflow) -> None:
    """A host that no rule allows, an integration that is off or not there, each with its remedy."""
    assert wrong["network rule"]["level"] == "error"
    assert "'api.example.com:443'" in wrong["network rule"]["next"]
    off = f"EAI_{broken.schema}_OFF"
    assert wrong[off]["next"] == f"alter external access integration {off} set enabled = true"
    missing = wrong["NOT_THERE"]
    assert (missing["level"], "grant usage on integration" in missing["next"]) == ("error", True)


def test_the_secret_and_the_rule(wrong: dict[str, dict[str, Any]], broken: Workflow) -> None:
    """A secret that is not there or of another kind; a rule with a wildcard allows the host."""
    assert "grant read on secret" in wrong["secret"]["next"]
    secret = f"{broken.place}.TOKEN"
    broken.query(f"create secret {secret} type = generic_string secret_string = 't-1'")
    other = {
        "policy_api_secret": secret,
        "policy_api_secret_type": "password",
        "policy_external_access_integrations": [f"EAI_{broken.schema}_ON"],
    }
    found = findings(broken, project_vars=other)
    assert found["network rule"]["level"] == "ok"
    assert found["secret"]["level"] == "error"
    assert "generic_string" in found["secret"]["next"]
