"""What an account has from the start, as if its administrator had made it."""

from __future__ import annotations

from dataclasses import dataclass

# Every account of Snowflake has these roles, and they may do everything here.
BUILT_IN_ADMIN_ROLES = frozenset({"ACCOUNTADMIN", "SYSADMIN"})


@dataclass(frozen=True)
class AccountSetup:
    """The names of what is there at the start, to which the environment leads clients.

    Args:
        database: a database that PUBLIC may use; None makes none, and signing in makes nothing.
        warehouse: a warehouse that PUBLIC may use.
        schema: the schema to which the environment leads; `open_external_access` makes it.
        network_rule: the rule in that schema that `open_external_access` makes.
        integration: the external access integration that `open_external_access` makes.
        default_role: the role of a sign-in without a role; it owns what is there at the start.
        admin_roles: roles that may do everything, besides ACCOUNTADMIN and SYSADMIN.
        empty: whether the database and the warehouse are only named, and still have to be made.
        passed_on_variables: what the bodies of procedures see of this process's environment,
            besides what Python needs.

    """

    database: str | None = None
    warehouse: str | None = None
    schema: str | None = None
    network_rule: str = "EGRESS_RULE"
    integration: str = "EXTERNAL_ACCESS"
    default_role: str = "ACCOUNTADMIN"
    admin_roles: frozenset[str] = frozenset()
    empty: bool = False
    passed_on_variables: tuple[str, ...] = ()

    def place(self) -> tuple[str, str]:
        """The database and the schema.

        Raises:
            ValueError: when the account has none.

        """
        if self.database is None or self.schema is None:
            raise ValueError("this account was set up without a database and a schema")
        return self.database, self.schema
