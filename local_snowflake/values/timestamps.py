"""After fakesnow: casts to and from times, and the current time, in DuckDB's words.

fakesnow makes a macro of each cast to a timestamp, which takes every text and every number, in UTC.
DuckDB plans the macro anew for each place where it stands, and spent two fifths of its time on that
for an UPDATE with three casts of the current time. So casts of the current time and of plain texts
become casts again; all other casts use the macros of time_macros.py.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sqlglot import exp

from local_snowflake.values.zoned_times import macro

# The results of these are never times, so DuckDB itself casts them to VARCHAR.
_NO_TIMES = (
    exp.Literal | exp.Boolean | exp.Null | exp.Placeholder | exp.JSONExtract | exp.JSONExtractScalar
    | exp.ParseJSON | exp.Count | exp.Upper | exp.Lower | exp.Trim | exp.Concat | exp.DPipe
    | exp.Mul | exp.Div | exp.Substring | exp.Left | exp.Predicate | exp.Not | exp.Neg
)  # fmt: skip
_TIMES = {
    exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ, exp.DType.TIMESTAMPLTZ, exp.DType.TIMESTAMPTZ,
    exp.DType.DATE,
}  # fmt: skip
_NOW = (
    exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime, exp.Localtime, exp.Localtimestamp,
)  # fmt: skip
_ISO = re.compile(r"(\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?) *([-+Z][\d:]*)?")

# What the engine shows of a column, and what the column was declared with.
DECLARED = (
    ("timezone('UTC', _FS_GLOBAL.MAIN.local_now())", "SYSDATE()"),
    ("_FS_GLOBAL.MAIN.local_now()", "CURRENT_TIMESTAMP()"),
    ("TIMESTAMP_TZ", "TIMESTAMP_LTZ"),
)


class Mode(NamedTuple):
    """What a translation depends on besides the text; most sessions have the default."""

    clock_is_set: bool = False
    has_input_format: bool = False


def settle_times(statement: exp.Expression, mode: Mode) -> None:
    """Let a statement read and show times as the session does, where fakesnow would not.

    Args:
        statement: in DuckDB's words; changed in place.
        mode: of the session.

    """
    stays = isinstance(statement, exp.Create)  # a default and a view outlive the session
    for node in reversed(list(statement.walk())):  # the innermost expressions come first
        if isinstance(node, exp.Anonymous) and node.name.lower() == "_fs_to_timestamp":
            node.replace(_to_time(node.expressions[0], mode, zoned=False))
        elif isinstance(node, exp.Cast):
            _settle_cast(node, mode)
        elif isinstance(node, exp.DPipe):
            for side in (node.this, node.expression):
                _show(side, certain=True)
        elif isinstance(node, exp.Concat):
            for side in node.expressions:
                _show(side, certain=True)
    if mode.clock_is_set or stays:
        for node in list(statement.find_all(*_NOW)):
            _set_clock(node)


def _settle_cast(node: exp.Cast, mode: Mode) -> None:
    if node.to.this in exp.DataType.TEXT_TYPES:
        _show(node.this, certain=False)
    elif node.to.this in (exp.DType.TIMESTAMPLTZ, exp.DType.TIMESTAMPTZ):
        node.replace(_to_time(node.this, mode, zoned=True))


def _show(value: exp.Expression, *, certain: bool) -> None:
    """Let a value be shown in the session's format, where it may be a time.

    Args:
        value: what becomes a text.
        certain: leave a value that may be a time, but need not.

    """
    if isinstance(value, _NO_TIMES) or (isinstance(value, exp.Cast) and not _is_cast(value)):
        return
    if certain and not (isinstance(value, exp.Column | exp.Cast | exp.DateAdd) or _is_made(value)):
        return
    shown = macro("local_text", value.copy())
    value.replace(shown)


def _is_cast(value: exp.Cast) -> bool:
    return value.to.this in _TIMES


def _is_made(value: exp.Expression) -> bool:
    return isinstance(value, exp.Anonymous) and bool(re.search(r"local_l?n?tz", value.name))


def _to_time(value: exp.Expression, mode: Mode, *, zoned: bool) -> exp.Expression:
    """A cast to a timestamp."""
    kind = "timestamptz" if zoned else "timestamp"
    if _is_time(value):
        return exp.cast(value.copy(), kind)
    name = "local_ltz" if zoned else "local_ntz"
    if mode.has_input_format:
        return macro(f"{name}_in", value.copy())
    text = _ISO.fullmatch(value.name) if isinstance(value, exp.Literal) else None
    if text and value.is_string:
        return exp.cast(exp.Literal.string(text[1] + (text[2] or "")), kind)
    return macro(name, value.copy())


def _is_time(value: exp.Expression) -> bool:
    while isinstance(value, exp.DateAdd):
        value = value.this
    return isinstance(value, exp.CurrentTimestamp)


def _set_clock(node: exp.Expr) -> None:
    """The current time of a clock that tests may set."""
    now: exp.Expression = macro("local_now")
    if isinstance(node, exp.CurrentTimestamp):
        if node.args.get("sysdate"):
            now = exp.Paren(this=exp.AtTimeZone(this=now, zone=exp.Literal.string("UTC")))
    elif isinstance(node, exp.CurrentDate):
        now = exp.cast(now, "date")
    elif isinstance(node, exp.Localtimestamp):
        now = exp.cast(now, "timestamp")
    else:
        now = exp.cast(exp.cast(now, "timestamp"), "time")
    node.replace(now)


def as_declared(text: str | None) -> str | None:
    """A column's type or default as it was declared, in what DESCRIBE and the like show."""
    for engines, declared in DECLARED:
        text = text and text.replace(engines, declared)
    return text
