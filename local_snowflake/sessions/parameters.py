"""Parameters of the account and the session: SHOW PARAMETERS and ALTER SESSION.

The parameters of times have an effect (time_settings.py). The others are kept and shown, and have
no effect here, which is why AUTOCOMMIT cannot be switched off.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from sqlglot import exp

from local_snowflake.engine.parsing import parse_one
from local_snowflake.engine.time_settings import TIME_PARAMETERS, is_zone, time_settings
from local_snowflake.sql.errors import compilation_error, unsupported
from local_snowflake.sql.names import NAME, OPTION, like_pattern
from local_snowflake.values.results import Result, text_result


class Parameter(NamedTuple):
    """A parameter as SHOW PARAMETERS lists it."""

    default: str
    description: str


STATEMENT_TIMEOUT = "STATEMENT_TIMEOUT_IN_SECONDS"
SESSION_PARAMETERS = {
    "ABORT_DETACHED_QUERY": Parameter("false", "End a query whose client has gone."),
    "AUTOCOMMIT": Parameter("true", "Commit each statement outside a transaction."),
    "CLIENT_SESSION_KEEP_ALIVE": Parameter("false", "Sessions do not expire."),
    "ENABLE_UNHANDLED_EXCEPTIONS_REPORTING": Parameter("true", "Log uncaught exceptions."),
    "ERROR_ON_NONDETERMINISTIC_MERGE": Parameter("true", "Refuse a MERGE of many to one."),
    "ERROR_ON_NONDETERMINISTIC_UPDATE": Parameter("false", "Refuse an UPDATE of many to one."),
    "JSON_INDENT": Parameter("2", "Blanks of a level of printed JSON."),
    "LOCK_TIMEOUT": Parameter("43200", "Seconds to wait for a lock."),
    "LOG_LEVEL": Parameter("OFF", "From which level on messages are logged."),
    "QUERY_TAG": Parameter("", "Text that tags the statements of the session."),
    "QUOTED_IDENTIFIERS_IGNORE_CASE": Parameter("false", "Quoted names are upper-case, too."),
    "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": Parameter("0", "Seconds to wait for the warehouse."),
    STATEMENT_TIMEOUT: Parameter("172800", "Seconds for one statement."),
    "STRICT_JSON_OUTPUT": Parameter("false", "Print JSON that is valid."),
    "TRANSACTION_ABORT_ON_ERROR": Parameter("false", "An error ends the transaction."),
    "USE_CACHED_RESULT": Parameter("true", "Answer from the cache of results."),
    **{
        name: Parameter(default, "How the session reads and shows times.")
        for name, default in TIME_PARAMETERS.items()
    },
}
# Snowpark's own code sets these parameters; real accounts have them, and do not list them.
_UNLISTED = frozenset(
    {"ACTIVE_PYTHON_PROFILER", "PYTHON_PROFILER_MODULES", "PYTHON_PROFILER_TARGET_STAGE",
     "PYTHON_SNOWPARK_USE_SQL_SIMPLIFIER"}
)  # fmt: skip
_CHANGE = re.compile(
    rf"ALTER\s+(?:SESSION|ACCOUNT|USER\s+(?:IF\s+EXISTS\s+)?{NAME})\s+(?:SET\s+(?P<set>(?:{OPTION.pattern}[\s,]*)+)"
    rf"|UNSET\s+(?P<unset>{NAME}(?:\s*,\s*{NAME})*))\s*",
    re.IGNORECASE,
)
_SCOPE = re.compile(r"(?:\s+(?:IN|FOR)\s+(?P<scope>SESSION|ACCOUNT))?\s*", re.IGNORECASE)


def known(given: Mapping[str, object]) -> dict[str, str]:
    """Answer the known session parameters among those that a client gives at sign-in.

    Raises:
        ProgrammingError: for a time zone that is not there, or a format that is not known here.

    """
    found = {
        name.upper(): str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in given.items()
        if name.upper() in SESSION_PARAMETERS
    }
    _check_times(found)
    return found


def _check_times(values: Mapping[str, str]) -> None:
    zone = values.get("TIMEZONE")
    if zone is not None and not is_zone(zone):
        message = f"invalid value ['{zone}'] for parameter 'TIMEZONE'"
        raise compilation_error(message, 1008, "22023")
    if not values.keys().isdisjoint(TIME_PARAMETERS):
        time_settings(values)


def show_parameters(
    session: Mapping[str, str],
    inherited: Mapping[str, tuple[str, str]],
    account: Mapping[str, str],
    pattern: str | None,
    scope: str,
) -> Result:
    """SHOW PARAMETERS [LIKE ...] [IN | FOR SESSION | ACCOUNT].

    Args:
        session: the values of the session.
        inherited: the values of the user and the account, each with its level.
        account: the values of the account.
        pattern: the pattern of the names.
        scope: what follows the pattern.

    """
    match = _SCOPE.fullmatch(scope)
    if not match:
        raise unsupported(f"SHOW PARAMETERS{scope}")
    in_session = (match["scope"] or "SESSION").upper() == "SESSION"
    names = SESSION_PARAMETERS.keys() | (set() if in_session else account.keys())
    wanted = like_pattern("%" if pattern is None else pattern)
    rows = []
    for name in sorted(filter(wanted.fullmatch, names)):
        default, description = SESSION_PARAMETERS.get(name, Parameter("", ""))
        value, level = default, ""
        if in_session:
            value, level = inherited.get(name, (value, level))
            value, level = (session[name], "SESSION") if name in session else (value, level)
        elif name in account:
            value, level = account[name], "ACCOUNT"
        kind = "BOOLEAN" if default in ("true", "false") else "STRING"
        kind = "NUMBER" if default.isdigit() else kind
        rows.append([name, value, default, level, description, kind])
    return text_result(["key", "value", "default", "level", "description", "type"], rows)


def alter_parameters(values: dict[str, str], text: str) -> Result:
    """ALTER SESSION | ACCOUNT | USER name SET name = value ..., or UNSET name, ...

    Args:
        values: those of the session, the account or the user; changed in place.
        text: the statement.

    Raises:
        ProgrammingError: for an unknown parameter, or a value that the parameter cannot have.

    """
    match = _CHANGE.fullmatch(text)
    if not match:
        raise compilation_error(f"syntax error in '{text[:80]}'.", 1003, "42000")
    changed = dict(values)
    if match["set"]:
        for name, written in OPTION.findall(match["set"]):
            changed[_checked(name)] = _value(name.upper(), written)
    else:
        for name in re.findall(NAME, match["unset"]):
            changed.pop(_checked(name), None)
    _check_times(changed)
    values.clear()
    values.update(changed)
    return text_result(["status"], [["Statement executed successfully."]])


def _checked(name: str) -> str:
    if name.upper() not in SESSION_PARAMETERS.keys() | _UNLISTED:
        raise compilation_error(f"invalid parameter '{name.upper()}'", 1006, "22023")
    return name.upper()


def _value(name: str, written: str) -> str:
    parsed = parse_one(f"select {written}").expressions[0]
    value = parsed.name if isinstance(parsed, exp.Literal) else written
    default = SESSION_PARAMETERS[name].default if name in SESSION_PARAMETERS else ""
    boolean = default in ("true", "false")
    value = value.lower() if boolean else value
    if (boolean and value not in ("true", "false")) or (default.isdigit() and not value.isdigit()):
        message = f"invalid value [{written}] for parameter '{name}'"
        raise compilation_error(message, 1008, "22023")
    if name == "AUTOCOMMIT" and value == "false":
        raise unsupported("AUTOCOMMIT = FALSE")
    return value
