"""What this project puts into the local Snowflake: its names, as README gives them."""

from __future__ import annotations

from dataclasses import replace

from local_snowflake.account_setup import AccountSetup

ACCOUNT = AccountSetup(
    database="POLICY_DB",
    warehouse="POLICY_WH",
    schema="POLICY_WORKFLOW",
    network_rule="POLICY_API_RULE",
    integration="API_EXTERNAL_ACCESS",
    default_role="POLICY_ROLE",
    # The project's role may do everything on this machine, so that every command works at once.
    admin_roles=frozenset({"POLICY_ROLE"}),
    # By this variable tests stop the procedures.
    passed_on_variables=("POLICY_WORKFLOW_FAILPOINTS",),
)
# The account before an administrator has set it up: the names lead to nothing yet.
EMPTY_ACCOUNT = replace(ACCOUNT, empty=True)
