"""The handlers of the statements that the engine does not run."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from local_snowflake.access import grants, managed_access, ownership, roles
from local_snowflake.access.statement_access import check_warehouse
from local_snowflake.catalog import rights
from local_snowflake.catalog.listing import read_listing
from local_snowflake.procedures import external_access, procedure_statements
from local_snowflake.sessions.session import Session
from local_snowflake.sql.errors import compilation_error, statement_timed_out, unsupported
from local_snowflake.sql.names import NAME, identifier, qualified
from local_snowflake.statements import parameter_statements, show_objects
from local_snowflake.statements.evaluation import evaluate
from local_snowflake.statements.parameter_statements import refuse_in_procedure
from local_snowflake.values.results import Result, text_result

WAIT_UNITS = {
    "DAYS": 86400.0, "HOURS": 3600.0, "MINUTES": 60.0, "SECONDS": 1.0, "MILLISECONDS": 1e-3,
    "MICROSECONDS": 1e-6, "NANOSECONDS": 1e-9,
}  # fmt: skip
_OWNERSHIP = re.compile(r"GRANT\s+OWNERSHIP\b", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


class Handler(NamedTuple):
    """Runs one kind of statement."""

    pattern: re.Pattern[str]
    run: Callable[[Session, re.Match[str], str], Result]
    for_every_role: bool  # the handler checks the grants of the role itself


def handle(session: Session, text: str) -> Result | None:
    """Run a statement that has a handler; answers None for any other.

    Raises:
        ProgrammingError: in Snowflake's class.

    """
    for handler in _HANDLERS:
        match = handler.pattern.match(text)
        if match:
            if not session.is_admin and not handler.for_every_role:
                raise rights.refused(f"this statement by role '{session.role}'")
            return handler.run(session, match, text)
    return None


def _call(session: Session, match: re.Match[str], text: str) -> Result:
    check_warehouse(session)
    return procedure_statements.call_procedure(
        session.catalog, session.role, text[match.end() :], session.database, session.schema,
        partial(evaluate, session),
        partial(
            session.account.run_procedure,
            caller=session.signed_in,
            parameters=session.parameters.inherited(),
        ),
    )  # fmt: skip


def _system_wait(session: Session, match: re.Match[str], text: str) -> Result:  # noqa: ARG001
    unit = (match[2] or "SECONDS").upper()
    if unit not in WAIT_UNITS:
        raise compilation_error(f"Invalid unit '{unit}' of SYSTEM$WAIT.", 2023, "22023")
    seconds, most = float(match[1]) * WAIT_UNITS[unit], session.parameters.statement_timeout
    if most and seconds > most:
        time.sleep(most)
        raise statement_timed_out(most)
    time.sleep(seconds)
    return text_result(["SYSTEM$WAIT"], [[f"waited {match[1]} {unit.lower()}"]])


def _cancel_all(session: Session, match: re.Match[str], text: str) -> Result:  # noqa: ARG001
    return text_result(["SYSTEM$CANCEL_ALL_QUERIES"], [["cancelled all the queries"]])


def _show(session: Session, match: re.Match[str], text: str) -> Result:  # noqa: ARG001
    what = _SPACE.sub(" ", match["what"].upper()).removeprefix("EXTERNAL ACCESS ")
    which, _, procedures_of = what.rpartition(" ")
    if procedures_of == "PROCEDURES":
        what = procedures_of
    listing = read_listing(
        what, match["tail"], session.database, session.schema, session.engine,
        partial(rights.may_enter, session.catalog, session.role),
    )  # fmt: skip
    if what in show_objects.KINDS:
        return show_objects.show(
            session.engine, session.catalog, session.role, what, listing,
            (session.database, session.schema), terse=bool(match["terse"]),
        )  # fmt: skip
    if what == "PROCEDURES":  # TERSE has no effect here
        return procedure_statements.show_procedures(session.catalog, session.role, listing, which)
    if match["terse"]:
        raise unsupported(f"SHOW TERSE {what}")
    show = {
        "NETWORK RULES": external_access.show_network_rules,
        "INTEGRATIONS": external_access.show_integrations,
        "SECRETS": external_access.show_secrets,
    }[what]
    return show(session.catalog, session.role, listing)


def _describe_procedure(session: Session, match: re.Match[str], text: str) -> Result:
    return procedure_statements.describe_procedure(
        session.catalog, session.role, text[match.end() :], session.database, session.schema
    )


def _drop_procedure(session: Session, match: re.Match[str], text: str) -> Result:
    return procedure_statements.drop_procedure(
        session.catalog, session.role, text[match.end() :], session.database, session.schema,
        quiet=bool(match["quiet"]),
    )  # fmt: skip


def _create_role(session: Session, match: re.Match[str], text: str) -> Result:  # noqa: ARG001
    return roles.create_role(session.catalog, match["name"])


def _drop_role(session: Session, match: re.Match[str], text: str) -> Result:  # noqa: ARG001
    return roles.drop_role(session.catalog, session.role, match["name"], quiet=bool(match["quiet"]))


def _change_grant(session: Session, match: re.Match[str], text: str) -> Result:  # noqa: ARG001
    if _OWNERSHIP.match(text):
        return ownership.grant_ownership(session, text)
    return grants.change_grant(session, text)


def _show_grants(session: Session, match: re.Match[str], text: str) -> Result:
    tail = text[match.end() :]
    of_object = tail.strip().upper().startswith("ON")
    return (ownership.show_grants_on if of_object else grants.show_grants)(session, tail)


def _create_warehouse(session: Session, match: re.Match[str], text: str) -> Result:  # noqa: ARG001
    return roles.create_warehouse(session.catalog, session.role, match["name"])


def _create_access(session: Session, match: re.Match[str], text: str) -> Result:
    kind = _SPACE.sub(" ", match["kind"].upper()).removeprefix("EXTERNAL ACCESS ")
    create = {
        "NETWORK RULE": external_access.create_network_rule,
        "INTEGRATION": external_access.create_integration,
        "SECRET": external_access.create_secret,
    }[kind]
    there = external_access.is_there(
        session.catalog, kind, match["name"], session.database, session.schema
    )
    if there and match["quiet"]:
        return text_result(["status"], [[f"{there} already exists, statement succeeded."]])
    if there and not match["replace"]:
        raise compilation_error(f"Object '{there}' already exists.", 2002, "42710")
    return create(
        session.catalog, session.role, match["name"], text[match.end() :], session.database,
        session.schema,
    )  # fmt: skip


def _alter_access(session: Session, match: re.Match[str], text: str) -> Result:
    kind = _SPACE.sub(" ", match["kind"].upper()).removeprefix("EXTERNAL ACCESS ")
    found = external_access.is_there(
        session.catalog, kind, match["name"], session.database, session.schema
    )
    if found is None and match["quiet"]:
        return text_result(["status"], [["Statement executed successfully."]])
    return external_access.alter(
        session.catalog, kind, match["name"], text[match.end() :], session.database,
        session.schema,
    )  # fmt: skip


def _drop_access(session: Session, match: re.Match[str], text: str) -> Result:  # noqa: ARG001
    kind = _SPACE.sub(" ", match["kind"].upper()).removeprefix("EXTERNAL ACCESS ")
    return external_access.drop(
        session.catalog, kind, match["name"], session.database, session.schema,
        quiet=bool(match["quiet"]),
    )  # fmt: skip


def _describe_network_rule(session: Session, match: re.Match[str], text: str) -> Result:  # noqa: ARG001
    full = qualified(match["name"], session.database, session.schema)
    return external_access.describe_network_rule(session.catalog, session.role, full)


def _describe_integration(session: Session, match: re.Match[str], text: str) -> Result:  # noqa: ARG001
    return external_access.describe_integration(session.catalog, session.role, match["name"])


def _use(session: Session, match: re.Match[str], text: str) -> Result:  # noqa: ARG001
    refuse_in_procedure(session, "USE")
    name = identifier(match["name"])
    if match["kind"].upper() == "ROLE":
        if not rights.exists(session.catalog, name):
            message = "Object does not exist, or operation cannot be performed."
            raise compilation_error(message, 2043, "02000")
        session.signed_in.role = name
    elif match["kind"].upper() == "WAREHOUSE":
        if rights.usable_warehouse(session.catalog, session.role, name) is None:
            message = "Object does not exist, or operation cannot be performed."
            raise compilation_error(message, 2043, "02000")
        session.signed_in.warehouse = name
    return text_result(["status"], [["Statement executed successfully."]])


def _handler(
    pattern: str,
    run: Callable[[Session, re.Match[str], str], Result],
    *,
    for_every_role: bool = False,
) -> Handler:
    return Handler(re.compile(pattern, re.IGNORECASE | re.DOTALL), run, for_every_role)


_ACCESS = r"(?P<kind>NETWORK\s+RULE|EXTERNAL\s+ACCESS\s+INTEGRATION|INTEGRATION|SECRET)"
_DESCRIBE = r"DESC(?:RIBE)?\s+"
_SHOWN = (
    r"DATABASES|SCHEMAS|TABLES|OBJECTS|VIEWS|USER\s+FUNCTIONS|(?:(?:USER|BUILTIN)\s+)?PROCEDURES|NETWORK\s+RULES|SECRETS"
    r"|(?:EXTERNAL\s+ACCESS\s+)?INTEGRATIONS"
)
_HANDLERS = [
    _handler(
        r"(?:CALL|SELECT)\s+SYSTEM\$WAIT\s*\(\s*([\d.]+)\s*(?:,\s*'?(\w+)'?)?\s*\)",
        _system_wait, for_every_role=True,
    ),
    _handler(r"SELECT\s+SYSTEM\$CANCEL_ALL_QUERIES\b", _cancel_all, for_every_role=True),
    _handler(r"CALL\s+", _call, for_every_role=True),
    _handler(
        rf"SHOW\s+(?P<terse>TERSE\s+)?(?P<what>{_SHOWN})\b(?P<tail>.*)", _show,
        for_every_role=True,
    ),
    _handler(rf"{_DESCRIBE}PROCEDURE\s+", _describe_procedure, for_every_role=True),
    _handler(
        r"DROP\s+PROCEDURE\s+(?P<quiet>IF\s+EXISTS\s+)?", _drop_procedure, for_every_role=True
    ),
    _handler(
        rf"CREATE\s+(?P<replace>OR\s+REPLACE\s+)?{_ACCESS}\s+(?P<quiet>IF\s+NOT\s+EXISTS\s+)?"
        rf"(?P<name>{NAME})",
        _create_access,
    ),
    _handler(
        rf"ALTER\s+{_ACCESS}\s+(?P<quiet>IF\s+EXISTS\s+)?(?P<name>{NAME})\s+SET\s+",
        _alter_access,
    ),
    _handler(
        rf"CREATE\s+WAREHOUSE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>{NAME})", _create_warehouse
    ),
    _handler(rf"DROP\s+{_ACCESS}\s+(?P<quiet>IF\s+EXISTS\s+)?(?P<name>{NAME})", _drop_access),
    _handler(
        rf"{_DESCRIBE}NETWORK\s+RULE\s+(?P<name>{NAME})", _describe_network_rule,
        for_every_role=True,
    ),
    _handler(
        rf"{_DESCRIBE}(?:EXTERNAL\s+ACCESS\s+)?INTEGRATION\s+(?P<name>{NAME})",
        _describe_integration, for_every_role=True,
    ),
    _handler(managed_access.ALTER, managed_access.alter, for_every_role=True),
    _handler(r"CREATE\s+ROLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>[\w$\"]+)", _create_role),
    _handler(r"DROP\s+ROLE\s+(?P<quiet>IF\s+EXISTS\s+)?(?P<name>[\w$\"]+)", _drop_role),
    _handler(r"(?:GRANT|REVOKE)\b", _change_grant, for_every_role=True),
    _handler(r"SHOW\s+GRANTS\b", _show_grants, for_every_role=True),
    _handler(
        r"SHOW\s+PARAMETERS(?:\s+LIKE\s+'(?P<like>[^']*)')?", parameter_statements.show,
        for_every_role=True,
    ),
    _handler(r"ALTER\s+SESSION\b", parameter_statements.alter_session, for_every_role=True),
    _handler(
        rf"ALTER\s+(?:ACCOUNT|USER\s+(?:IF\s+EXISTS\s+)?(?P<user>(?!IF\b){NAME}))\s+(?:UN)?SET\b",
        parameter_statements.alter_default,
    ),
    _handler(
        rf"USE\s+(?P<kind>WAREHOUSE|ROLE|SECONDARY\s+ROLES)\s+(?P<name>{NAME})", _use,
        for_every_role=True,
    ),
]  # fmt: skip
