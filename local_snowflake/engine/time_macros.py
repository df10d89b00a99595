"""Macros that teach DuckDB the times of Snowflake; each looks at the type of its argument.

The name of a macro says what the macro makes: `local_ntz` a TIMESTAMP_NTZ, and so on. A macro reads
the settings of the session that runs it. So a view, a default and a kept translation answer each
session in its own zone and formats.
"""

from __future__ import annotations

from local_snowflake.values.macro_place import PLACE

# Variables of a DuckDB session; where a variable is not set, Snowflake's default counts.
CLOCK, INPUT = "local_clock", "local_input"
NTZ_FORMAT, LTZ_FORMAT, DATE_FORMAT = "local_ntz_format", "local_ltz_format", "local_date_format"

# The text of a JSON string stands in quotes, which no time has.
_TEXT = "nullif(trim(CAST(x AS VARCHAR), '\"'), 'null')"
# Snowflake accepts a blank before an offset.
_ISO = rf"regexp_replace({_TEXT}, '(:\d+(?:\.\d+)?) +([-+Z])', '\1\2')"
# By its size, a whole number as a text counts seconds, or thousandths, millionths ... of a second.
# DuckDB may compute a text that stands twice in a CASE before the CASE: it must not fail.
_WHOLE = f"TRY_CAST({_TEXT} AS BIGINT)"
_MICROSECONDS = f"""CASE WHEN abs({_WHOLE}) < 31536000000 THEN {_WHOLE} * 1000000
    WHEN abs({_WHOLE}) < 31536000000000 THEN {_WHOLE} * 1000
    WHEN abs({_WHOLE}) < 31536000000000000 THEN {_WHOLE} ELSE {_WHOLE} // 1000 END"""
_MINUTES = f"{PLACE}local_offset(x)"
_SIGNED = f"CASE WHEN {_MINUTES} < 0 THEN '-' ELSE '+' END"
_HOURS = f"printf('%02d', abs({_MINUTES}) // 60)"
_REST = f"printf('%02d', abs({_MINUTES}) % 60)"
_NTZ = f"coalesce(getvariable('{NTZ_FORMAT}'), '%Y-%m-%d %H:%M:%S.%g')"
_LTZ = f"coalesce(getvariable('{LTZ_FORMAT}'), '%Y-%m-%d %H:%M:%S.%g \x01')"
_DATE = f"coalesce(getvariable('{DATE_FORMAT}'), '%Y-%m-%d')"
_OTHER_TEXT = f"""CASE WHEN typeof(x) = 'JSON'
        THEN {PLACE}local_variant_text(TRY_CAST(x AS VARCHAR),
        json_extract_string(TRY_CAST(x AS JSON), '$'), TRY_CAST(x AS VARCHAR))
    WHEN typeof(x) = 'DOUBLE' THEN local_py_float_text(TRY_CAST(x AS DOUBLE))
    ELSE CAST(x AS VARCHAR) END"""
_NO_TIME = """CASE WHEN x IS NULL THEN NULL
    ELSE error('A format of times is given for what is no time') END"""
_UNSURE = "error('How Snowflake writes this element of a format in UTC is not known here')"


def _instant(kind: str, make: str) -> str:
    """The overloads that make a time of one type, from any type."""
    return f"""(x TIMESTAMP) AS CAST(x AS {kind}), (x TIMESTAMPTZ) AS CAST(x AS {kind}),
        (x DATE) AS CAST(CAST(x AS TIMESTAMP) AS {kind}),
        (x BIGINT) AS {make}(x * 1000000),
        (x DOUBLE) AS {make}(CAST(round(x * 1000000) AS BIGINT))"""


def _from_text(kind: str, make: str, cast: str) -> str:
    return f"""(x) AS CASE WHEN {_WHOLE} IS NOT NULL
        THEN {make}({_MICROSECONDS}) ELSE {cast}({_ISO} AS {kind}) END"""


def _number(scale: int) -> str:
    """The microseconds of a number of seconds, of thousandths of a second, and so on."""
    number = f"CAST({_TEXT} AS DECIMAL(28,6))"
    return f"floor({number} / 1000)" if scale == 9 else f"{number} * {10 ** (6 - scale)}"


def _of_any(kind: str, make: str) -> str:
    """The macro by the name of the type: DuckDB has no overload for an aggregate or a window."""
    return f"""(x) AS CASE WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE'
            THEN CAST(TRY_CAST(x AS TIMESTAMPTZ) AS {kind})
        WHEN typeof(x) IN ('TIMESTAMP', 'DATE') THEN CAST(TRY_CAST(x AS TIMESTAMP) AS {kind})
        WHEN {_WHOLE} IS NOT NULL AND typeof(x) NOT IN ('VARCHAR', 'JSON')
            THEN {make}({_WHOLE} * 1000000)
        WHEN {_WHOLE} IS NOT NULL THEN {make}({_MICROSECONDS})
        ELSE CAST({_ISO} AS {kind}) END"""


def _text_of_any(argument: str, ntz: str, ltz: str, date: str, otherwise: str) -> str:
    return f"""(x{argument}) AS CASE WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE'
            THEN {PLACE}local_zoned(TRY_CAST(x AS TIMESTAMPTZ), {ltz})
        WHEN typeof(x) = 'TIMESTAMP' THEN {PLACE}local_plain(TRY_CAST(x AS TIMESTAMP), {ntz})
        WHEN typeof(x) = 'DATE' THEN strftime(TRY_CAST(x AS TIMESTAMP), {date})
        ELSE {otherwise} END"""


def _in_format(kind: str) -> str:
    return f"(x) AS CAST(strptime({_TEXT}, getvariable('{INPUT}')) AS {kind})"


_MACROS = {
    "local_now": f"() AS now() + to_microseconds(coalesce(getvariable('{CLOCK}'), 0))",
    # How many minutes the session's zone is ahead of UTC at an instant.
    "local_offset": "(x) AS CAST(round((epoch(CAST(x AS TIMESTAMP)) - epoch(x)) / 60) AS INTEGER)",
    "local_zoned": f"""(x, f) AS CASE WHEN regexp_matches(f, '[\x01-\x03]') THEN
        replace(replace(replace(strftime(CAST(x AS TIMESTAMP), f),
        '\x01', CASE WHEN {_MINUTES} = 0 THEN 'Z' ELSE {_SIGNED} || {_HOURS} || {_REST} END),
        '\x02', CASE WHEN NOT contains(f, '\x02') THEN '' WHEN {_MINUTES} = 0 THEN {_UNSURE}
            ELSE {_SIGNED} || {_HOURS} || ':' || {_REST} END),
        '\x03', CASE WHEN NOT contains(f, '\x03') THEN '' WHEN {_MINUTES} = 0 THEN {_UNSURE}
            ELSE {_SIGNED} || {_HOURS} END)
        ELSE strftime(CAST(x AS TIMESTAMP), f) END""",
    "local_plain": """(x, f) AS CASE WHEN regexp_matches(f, '[\x01-\x03]')
        THEN error('An offset is written of what has no time zone') ELSE strftime(x, f) END""",
    "local_text": f"""(x TIMESTAMP) AS strftime(x, {_NTZ}),
        (x TIMESTAMPTZ) AS {PLACE}local_zoned(x, {_LTZ}),
        (x DATE) AS strftime(x, {_DATE}),
        (x) AS {_OTHER_TEXT}""",
    "local_text_as": f"""(x TIMESTAMP, f) AS {PLACE}local_plain(x, f),
        (x TIMESTAMPTZ, f) AS {PLACE}local_zoned(x, f),
        (x DATE, f) AS strftime(x, f),
        (x, f) AS {_NO_TIME}""",
    "local_ntz": f"""{_instant("TIMESTAMP", "make_timestamp")},
        {_from_text("TIMESTAMP", "make_timestamp", "CAST")}""",
    "local_ltz": f"""{_instant("TIMESTAMPTZ", "make_timestamptz")},
        {_from_text("TIMESTAMPTZ", "make_timestamptz", "CAST")}""",
    "local_try_ntz": f"""{_instant("TIMESTAMP", "make_timestamp")},
        {_from_text("TIMESTAMP", "make_timestamp", "TRY_CAST")}""",
    "local_try_ltz": f"""{_instant("TIMESTAMPTZ", "make_timestamptz")},
        {_from_text("TIMESTAMPTZ", "make_timestamptz", "TRY_CAST")}""",
    "local_text_of_any": _text_of_any("", _NTZ, _LTZ, _DATE, _OTHER_TEXT),
    "local_text_as_of_any": _text_of_any(", f", "f", "f", "f", _NO_TIME),
    "local_ntz_of_any": _of_any("TIMESTAMP", "make_timestamp"),
    "local_ltz_of_any": _of_any("TIMESTAMPTZ", "make_timestamptz"),
    **{
        f"local_{name}_{scale}": f"(x) AS {make}(CAST({_number(scale)} AS BIGINT))"
        for name, make in (("ntz", "make_timestamp"), ("ltz", "make_timestamptz"))
        for scale in (0, 3, 6, 9)
    },
    # Where the session has a TIMESTAMP_INPUT_FORMAT.
    "local_ntz_in": f"{_instant('TIMESTAMP', 'make_timestamp')}, {_in_format('TIMESTAMP')}",
    "local_ltz_in": f"{_instant('TIMESTAMPTZ', 'make_timestamptz')}, {_in_format('TIMESTAMPTZ')}",
    "local_parsed_ntz": "(x, f) AS CAST(strptime(CAST(x AS VARCHAR), f) AS TIMESTAMP)",
    "local_parsed_ltz": "(x, f) AS CAST(strptime(CAST(x AS VARCHAR), f) AS TIMESTAMPTZ)",
    "local_try_parsed_ntz": "(x, f) AS CAST(try_strptime(CAST(x AS VARCHAR), f) AS TIMESTAMP)",
    "local_try_parsed_ltz": "(x, f) AS CAST(try_strptime(CAST(x AS VARCHAR), f) AS TIMESTAMPTZ)",
}


def creation_sql() -> list[str]:
    """The statements that make the macros, in the database that every session sees."""
    return [f"CREATE OR REPLACE MACRO {PLACE}{name}{body}" for name, body in _MACROS.items()]
