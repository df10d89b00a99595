"""Before fakesnow: what a statement says about zones and formats, and fakesnow would lose.

DuckDB has one type with a zone. This type keeps an instant and shows the instant in the session's
zone, as TIMESTAMP_LTZ does. A TIMESTAMP_TZ keeps an offset of its own; it is taken only where the
instant alone counts.
"""

from __future__ import annotations

from sqlglot import exp

from local_snowflake.sql.errors import unsupported
from local_snowflake.values.macro_place import PLACE
from local_snowflake.values.time_formats import (
    as_snowflake_writes,
    input_format,
    is_of_times,
    pieces,
)

_LTZ, _TZ = exp.DataType.Type.TIMESTAMPLTZ, exp.DataType.Type.TIMESTAMPTZ
_NTZ = (exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPNTZ, exp.DataType.Type.DATETIME)
_TIMES = {*_NTZ, _LTZ, _TZ}
# Functions of Snowflake for which sqlglot has no expression.
_BY_NAME = {
    "TO_TIMESTAMP_LTZ": "local_ltz",
    "TO_TIMESTAMP_TZ": "local_ltz",
    "TRY_TO_TIMESTAMP": "local_try_ntz",
    "TRY_TO_TIMESTAMP_NTZ": "local_try_ntz",
    "TRY_TO_TIMESTAMP_LTZ": "local_try_ltz",
    "TRY_TO_TIMESTAMP_TZ": "local_try_ltz",
}
_COMPARED = exp.EQ | exp.NEQ | exp.LT | exp.LTE | exp.GT | exp.GTE | exp.Between | exp.DateDiff
_OF_INTEREST = (
    exp.Anonymous, exp.Cast, exp.ColumnDef, exp.ConvertTimezone, exp.StrToTime, exp.TimeToStr,
    exp.ToChar, exp.TsOrDsToDate, exp.UnixToTime,
)  # fmt: skip

# These macros also take types for which DuckDB has no overload.
_OF_ANY = frozenset({"local_text", "local_text_as", "local_ntz", "local_ltz"})
_PARTS = (
    exp.Hour | exp.Minute | exp.Second | exp.Day | exp.DayOfMonth | exp.DayOfWeek | exp.Month
    | exp.Quarter | exp.Year
)  # fmt: skip


def macro(name: str, *arguments: exp.Expression) -> exp.Anonymous:
    """A call of a macro of time_macros.py."""
    if name in _OF_ANY and arguments[0].find(exp.AggFunc, exp.Window, exp.Query):
        name = f"{name}_of_any"
    return exp.Anonymous(this=f"{PLACE}{name}", expressions=list(arguments))


def keep_zones(statement: exp.Expression) -> None:
    """Write the functions of zones and formats as macros.

    Args:
        statement: as it was parsed; changed in place.

    Raises:
        ProgrammingError: for what the engine would answer wrongly.

    """
    found = [node for node in statement.walk() if isinstance(node, _OF_INTEREST)]
    for node in reversed(found):  # the innermost expressions come first
        _rewrite(node)


def _rewrite(node: exp.Expression) -> None:
    if isinstance(node, exp.ConvertTimezone):
        if not node.args.get("source_tz"):
            _convert(node)
    elif isinstance(node, exp.UnixToTime):
        _from_number(node)
    elif isinstance(node, exp.StrToTime | exp.TsOrDsToDate):
        if node.args.get("format"):
            _from_text(node)
    elif isinstance(node, exp.TimeToStr | exp.ToChar):
        _to_text(node)
    elif isinstance(node, exp.Anonymous):
        _by_name(node)
    elif isinstance(node, exp.ColumnDef):
        kind = node.args.get("kind")
        if isinstance(kind, exp.DataType) and kind.this == _TZ:
            raise unsupported("a column of type TIMESTAMP_TZ, whose offset is not kept here")
    elif isinstance(node, exp.Cast) and node.to.this in _TIMES:
        _check_instant(node, node.to.this == _TZ and not isinstance(node.this, exp.Null))
        if isinstance(node, exp.TryCast):
            zoned = node.to.this in (_LTZ, _TZ)
            node.replace(macro("local_try_ltz" if zoned else "local_try_ntz", node.this))


def _by_name(node: exp.Anonymous) -> None:
    name = _BY_NAME.get(node.name.upper())
    if name and len(node.expressions) != 1:
        raise unsupported(f"{node.name.upper()} with a format that is no literal")
    if name:
        _check_instant(node, node.name.upper().endswith("_TZ"))
        node.replace(macro(name, node.expressions[0]))


def _check_instant(node: exp.Expression, with_offset: object) -> None:
    """Refuse a TIMESTAMP_TZ where its offset counts, too."""
    outer = _consumer(node)
    instant = (
        isinstance(outer, _COMPARED)
        or (isinstance(outer, exp.Cast) and outer.to.this == _LTZ)
        or (isinstance(outer, exp.Extract) and outer.this.name.upper().startswith("EPOCH"))
    )
    if with_offset and not instant:
        raise unsupported(
            "TIMESTAMP_TZ, whose offset is not kept here, other than compared or as TIMESTAMP_LTZ"
        )


def _consumer(node: exp.Expression) -> exp.Expr | None:
    outer = node.parent
    while isinstance(outer, exp.Paren):
        outer = outer.parent
    return outer


def _convert(node: exp.ConvertTimezone) -> None:
    """CONVERT_TIMEZONE(zone, time): a TIMESTAMP_TZ, taken as a wall clock or an instant.

    Any other use would need its offset, also a column of a result.
    """
    outer, instant = _consumer(node), macro("local_ltz", node.args["timestamp"])
    zone = node.args["target_tz"]
    wall = (
        isinstance(outer, exp.Cast)
        and (outer.to.this in _NTZ or outer.to.this in (exp.DType.DATE, exp.DType.TIME))
    ) or isinstance(outer, exp.TimeToStr | exp.ToChar | exp.TsOrDsToDate | _PARTS)
    if isinstance(outer, exp.Anonymous):
        wall = outer.name.upper() in ("TO_TIMESTAMP_NTZ", "TO_TIMESTAMP", "TO_DATE", "TO_TIME")
    if isinstance(outer, exp.Extract) and not outer.this.name.upper().startswith("EPOCH"):
        wall = True
    if wall:
        if isinstance(outer, exp.ToChar) and not outer.args.get("format"):
            raise unsupported("TO_VARCHAR of CONVERT_TIMEZONE without a format")
        node.replace(exp.Paren(this=exp.AtTimeZone(this=instant, zone=zone)))
        return
    _check_instant(node, with_offset=True)
    node.replace(instant)


def _from_number(node: exp.UnixToTime) -> None:
    """TO_TIMESTAMP_..(number, scale)."""
    kind = node.args.get("target_type")
    zoned = isinstance(kind, exp.DataType) and kind.this in (_LTZ, _TZ)
    _check_instant(node, isinstance(kind, exp.DataType) and kind.this == _TZ)
    scale, number = node.args.get("scale"), node.this
    if scale is None:
        node.replace(macro("local_ltz" if zoned else "local_ntz", number))
        return
    if not isinstance(scale, exp.Literal) or scale.name not in ("0", "3", "6", "9"):
        raise unsupported(f"a scale of {scale.sql(dialect='snowflake')} in TO_TIMESTAMP")
    node.replace(macro(f"local_{'ltz' if zoned else 'ntz'}_{scale.name}", number))


def _from_text(node: exp.StrToTime | exp.TsOrDsToDate) -> None:
    """TO_TIMESTAMP_..(text, format), and TO_DATE(text, format)."""
    given = node.args["format"]
    if not isinstance(given, exp.Literal):
        raise unsupported("a format of times that is no literal")
    format_ = input_format(as_snowflake_writes(given.name))
    kind = node.args.get("target_type")
    zoned = isinstance(kind, exp.DataType) and kind.this in (_LTZ, _TZ)
    _check_instant(node, isinstance(kind, exp.DataType) and kind.this == _TZ)
    if "%z" in format_ and not zoned:
        raise unsupported("an offset in the format of TO_TIMESTAMP_NTZ")
    tried = "try_" if node.args.get("safe") else ""
    name = f"local_{tried}parsed_{'ltz' if zoned else 'ntz'}"
    parsed: exp.Expression = macro(name, node.this, exp.Literal.string(format_))
    node.replace(exp.cast(parsed, "date") if isinstance(node, exp.TsOrDsToDate) else parsed)


def _joined(text: exp.Expression | None) -> exp.Expression | None:
    """Literals joined by ||, as one text."""
    if isinstance(text, exp.DPipe):
        parts = [_joined(text.this), _joined(text.expression)]
        if all(isinstance(part, exp.Literal) for part in parts):
            return exp.Literal.string("".join(part.name for part in parts if part))
    return text


def _to_text(node: exp.TimeToStr | exp.ToChar) -> None:
    """TO_VARCHAR(time, format); without a format as a cast to VARCHAR."""
    given = _joined(node.args.get("format"))
    if given is None:
        node.replace(exp.cast(node.this, "varchar"))
        return
    if not isinstance(given, exp.Literal):
        raise unsupported("TO_VARCHAR with a format that is no literal")
    format_ = as_snowflake_writes(given.name)
    if isinstance(node, exp.ToChar) and not is_of_times(format_):
        return  # a format of numbers
    texts: list[exp.Expression] = []
    for piece in pieces(format_):
        text: exp.Expression = macro(
            "local_text_as", node.this.copy(), exp.Literal.string(piece.text)
        )
        if piece.cut:
            text = exp.Left(this=text, expression=exp.Literal.number(piece.cut))
        texts.append(text)
    found = texts[0] if texts else exp.Literal.string("")
    for text in texts[1:]:
        found = exp.DPipe(this=found, expression=text)
    node.replace(exp.Paren(this=found) if len(texts) > 1 else found)
