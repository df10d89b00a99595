"""GRANT OWNERSHIP, and SHOW GRANTS ON: the owner of an object, and the rights of others."""

from __future__ import annotations

import re

from local_snowflake.access.grants import COLUMNS, RIGHTS, is_there, object_name
from local_snowflake.access.managed_access import may_grant
from local_snowflake.catalog.catalog import Catalog, Made
from local_snowflake.catalog.rights import (
    exists,
    forget_grants,
    may,
    may_enter,
    owner_of,
    refused,
)
from local_snowflake.engine.objects import table_is_there
from local_snowflake.sessions.session import Session
from local_snowflake.sql.errors import missing, sql_error, unsupported
from local_snowflake.sql.names import NAME, identifier
from local_snowflake.values.results import Result, shown, text_result

_OBJECT = rf"ON\s+(?P<kind>{'|'.join(RIGHTS)})\s+(?P<name>{NAME})\s*(?P<types>\([^)]*\))?"
_GRANT = re.compile(
    rf"GRANT\s+OWNERSHIP\s+{_OBJECT}\s+TO\s+(?:ROLE\s+)?(?P<role>[\w$\"]+)"
    r"(?:\s+(?P<what>COPY|REVOKE)\s+CURRENT\s+GRANTS)?\s*",
    re.IGNORECASE,
)
# Without a kind, as dbt writes, the object is a table or a view.
_SHOW = re.compile(
    rf"\s*ON\s+(?:(?P<kind>{'|'.join(RIGHTS)})\s+|(?!ACCOUNT\b))(?P<name>{NAME})\s*(?P<types>\([^)]*\))?\s*",
    re.IGNORECASE,
)


def grant_ownership(session: Session, text: str) -> Result:
    """GRANT OWNERSHIP ON one object TO ROLE, by its owner or an admin role.

    Raises:
        ProgrammingError: when others have rights on the object, and the statement does not say
            what becomes of them; for a missing object or role; where this role may not give.

    """
    match = _GRANT.fullmatch(text)
    if not match:
        raise unsupported("this form of GRANT OWNERSHIP")
    catalog, kind = session.catalog, match["kind"].upper()
    name, stored = object_name(session, match, kind), "TABLE" if kind == "VIEW" else kind
    if not _sees(session, kind, stored, name):
        raise missing(kind.capitalize(), name)
    if not may_grant(session, stored, name):
        raise refused(f"{kind.lower()} '{name.rsplit('.', 1)[-1]}'")
    grantee = identifier(match["role"])
    if not exists(catalog, grantee):
        raise missing("Role", grantee)
    if grantee != owner_of(catalog, stored, name):
        held = _held(catalog, stored, name)
        if held and not match["what"]:
            right, role = held[0]
            message = (
                f"SQL execution error: Dependent grant of privilege '{right}' on securable "
                f"'{name}' to role '{role}' exists.  It must be revoked first.  More than one "
                "dependent grant may exist: use 'SHOW GRANTS' command to view them.  To revoke all "
                "dependent grants while transferring object ownership, use convenience command "
                "'GRANT OWNERSHIP ON <target_objects> TO <target_role> REVOKE CURRENT GRANTS'."
            )
            raise sql_error(message, 3036, "23001")
        _give(catalog, stored, name, grantee, revoke=(match["what"] or "").upper() == "REVOKE")
    return text_result(["status"], [["Statement executed successfully."]])


def _give(catalog: Catalog, kind: str, name: str, owner: str, *, revoke: bool) -> None:
    with catalog.changed():
        if revoke:
            forget_grants(catalog, kind, name)
        if kind == "PROCEDURE":
            catalog.procedures[name].owner = owner
        else:
            made = catalog.made.setdefault(f"{kind} {name}", Made(owner, None, None))
            made.owner = owner


def show_grants_on(session: Session, tail: str) -> Result:
    """SHOW GRANTS ON one object, for a role with any right on the object.

    Raises:
        ProgrammingError: for another form, and for an object that the role may not see.

    """
    match = _SHOW.fullmatch(tail)
    if not match:
        raise unsupported("this form of SHOW GRANTS")
    catalog, kind = session.catalog, (match["kind"] or "TABLE").upper()
    name, stored = object_name(session, match, kind), "TABLE" if kind == "VIEW" else kind
    if not _sees(session, kind, stored, name):
        raise missing(kind.capitalize(), name)
    owner = owner_of(catalog, stored, name)
    on = (table_is_there(session.engine, name) or kind) if stored == "TABLE" else kind
    rows = [
        [None, right, on, name, "ROLE", role, "false", owner]
        for right, role in sorted([("OWNERSHIP", owner), *_held(catalog, stored, name)])
    ]
    return shown(COLUMNS, rows)


def _held(catalog: Catalog, kind: str, name: str) -> list[tuple[str, str]]:
    """The granted rights on an object, each with its role."""
    end = f" {kind} {name}"
    return [
        (grant.removesuffix(end), role)
        for role, grants in catalog.grants.items()
        for grant in grants
        if grant.endswith(end) and grant.removesuffix(end) in RIGHTS[kind]
    ]


def _sees(session: Session, kind: str, stored: str, name: str) -> bool:
    """Whether there is the object, and the role has any right on it and may enter its schema."""
    catalog, role = session.catalog, session.role
    enters = name.count(".") < 2 or may_enter(catalog, role, *name.split(".")[:2])
    return (
        is_there(session, kind, name) and enters and may(catalog, role, stored, name, *RIGHTS[kind])
    )
