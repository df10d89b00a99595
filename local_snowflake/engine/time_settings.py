"""What a session's parameters say about times, as settings of DuckDB."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Mapping
from typing import NamedTuple

from local_snowflake.engine.connection import Engine
from local_snowflake.engine.time_macros import CLOCK, DATE_FORMAT, INPUT, LTZ_FORMAT, NTZ_FORMAT
from local_snowflake.sql.errors import unsupported
from local_snowflake.values.time_formats import input_format, output_format

# A procedure has the values of its caller, with the rights of the owner or the caller.
TIME_PARAMETERS = {
    "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
    "TIMESTAMP_INPUT_FORMAT": "AUTO",
    "TIMESTAMP_LTZ_OUTPUT_FORMAT": "",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3",
    "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
    "TIMESTAMP_TYPE_MAPPING": "TIMESTAMP_NTZ",
    "TIMESTAMP_TZ_OUTPUT_FORMAT": "",
    "TIMEZONE": "America/Los_Angeles",
}
_TIMESTAMP = "TIMESTAMP_OUTPUT_FORMAT"


class TimeSettings(NamedTuple):
    """The zone, the formats in DuckDB's words, and how far the clock is set, in microseconds."""

    zone: str
    ntz_format: str
    ltz_format: str
    date_format: str
    input_format: str | None
    clock: int | None


def is_zone(name: str) -> bool:
    """Whether there is a time zone of this name, in this case; DuckDB ignores the case."""
    return name in _zones()


def _zones() -> set[str]:
    if not _ZONES:
        _ZONES.update(zoneinfo.available_timezones())
    return _ZONES


_ZONES: set[str] = set()


def time_settings(
    parameters: Mapping[str, str], clock: datetime.timedelta | None = None
) -> TimeSettings:
    """Read parameters; where one is missing, the default counts.

    Raises:
        ProgrammingError: for a value that is not known here.

    """
    given = {**TIME_PARAMETERS, **parameters}
    if given["TIMESTAMP_TYPE_MAPPING"].upper() != "TIMESTAMP_NTZ":
        raise unsupported(f"TIMESTAMP_TYPE_MAPPING = {given['TIMESTAMP_TYPE_MAPPING']}")

    def written(name: str) -> str:
        value = given[name]
        return TIME_PARAMETERS[name] if value.upper() == "AUTO" else value

    read = given["TIMESTAMP_INPUT_FORMAT"]
    reading = None if read.upper() in ("AUTO", "") else input_format(read)
    if reading and "%z" in reading:
        raise unsupported(f"an offset in TIMESTAMP_INPUT_FORMAT = '{read}'")
    output_format(written("TIMESTAMP_TZ_OUTPUT_FORMAT") or written(_TIMESTAMP), zoned=True)
    return TimeSettings(
        given["TIMEZONE"],
        output_format(written("TIMESTAMP_NTZ_OUTPUT_FORMAT") or written(_TIMESTAMP), zoned=False),
        output_format(written("TIMESTAMP_LTZ_OUTPUT_FORMAT") or written(_TIMESTAMP), zoned=True),
        output_format(written("DATE_OUTPUT_FORMAT"), zoned=False),
        reading,
        None if clock is None else clock // datetime.timedelta(microseconds=1),
    )


DEFAULTS = time_settings({})
# The settings of DuckDB where nothing was set.
UNSET = DEFAULTS._replace(zone="")


def apply(engine: Engine, before: TimeSettings, after: TimeSettings) -> None:
    """Set in DuckDB what has changed in a session.

    Args:
        engine: the session's own connection.
        before: the settings that the engine has.
        after: the settings that count from now on.

    """
    if before.zone != after.zone:
        engine.execute(f"SET TimeZone = '{after.zone}'")
    for variable, old, new in (
        (NTZ_FORMAT, before.ntz_format, after.ntz_format),
        (LTZ_FORMAT, before.ltz_format, after.ltz_format),
        (DATE_FORMAT, before.date_format, after.date_format),
        (INPUT, before.input_format, after.input_format),
        (CLOCK, before.clock, after.clock),
    ):
        if new is None and old is not None:
            engine.execute(f"RESET VARIABLE {variable}")
        elif old != new:
            text = new if isinstance(new, int) else "'" + str(new).replace("'", "''") + "'"
            engine.execute(f"SET VARIABLE {variable} = {text}")
