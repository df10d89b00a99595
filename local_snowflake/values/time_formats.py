"""Snowflake's formats of dates and times, in the words of DuckDB's strftime and strptime.

A format that DuckDB would write or read differently is refused: no text may differ silently.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from local_snowflake.sql.errors import unsupported

# strftime does not write offsets as Snowflake does. These marks stand for the offset, and the macro
# `local_zoned` of time_macros.py puts the offset in their place.
OFFSET, OFFSET_WITH_COLON, OFFSET_HOURS = "\x01", "\x02", "\x03"
_MARKS = re.compile(f"[{OFFSET}{OFFSET_WITH_COLON}{OFFSET_HOURS}]")
_ELEMENTS = {
    "YYYY": "%Y", "YY": "%y", "MMMM": "%B", "MON": "%b", "MM": "%m", "DD": "%d", "DY": "%a",
    "HH24": "%H", "HH12": "%I", "AM": "%p", "PM": "%p", "MI": "%M", "SS": "%S",
    "FF3": "%g", "FF6": "%f", "FF9": "%f000", "FF": "%f000", "FF0": "",
    "TZHTZM": OFFSET, "TZH:TZM": OFFSET_WITH_COLON, "TZH": OFFSET_HOURS, "T": "T",
}  # fmt: skip
_CUT = re.compile(r"FF([124578])", re.IGNORECASE)
_TOKEN = re.compile(
    r'"(?P<literal>[^"]*)"|(?P<cut>FF[124578])|(?P<element>'
    + "|".join(sorted(_ELEMENTS, key=len, reverse=True))
    + r")|(?P<word>[A-Za-z]+)|(?P<other>[^A-Za-z])",
    re.IGNORECASE,
)
# sqlglot has some formats in strftime's words already, with words of its own for fractions.
_OF_SQLGLOT = {
    "%Y": "YYYY", "%y": "YY", "%B": "MMMM", "%b": "MON", "%m": "MM", "%d": "DD", "%-d": "DD",
    "%a": "DY", "%w": "DY", "%H": "HH24", "%I": "HH12", "%p": "AM", "%M": "MI", "%S": "SS",
    "%f": "FF6", "%z": "TZHTZM", "%:z": "TZH:TZM", "%-z": "TZH",
    **{
        f"%f_{word}": f"FF{digit}"
        for digit, word in enumerate(
            ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
        )
    },
}  # fmt: skip
_STRFTIME = re.compile("|".join(sorted(map(re.escape, _OF_SQLGLOT), key=len, reverse=True)))


class Piece(NamedTuple):
    """A part of a format: the directive of strftime, and the width to which its text is cut."""

    text: str
    cut: int | None = None


def as_snowflake_writes(format_: str) -> str:
    """Answer a format as it was written: sqlglot changes formats in lower case."""
    return _STRFTIME.sub(lambda found: _OF_SQLGLOT[found[0]], format_)


def is_of_times(format_: str) -> bool:
    """Whether a format is of dates or times, and not of numbers."""
    return bool(re.search(r"YY|MM|MON|DD|DY|HH|MI|SS|FF|TZ", format_, re.IGNORECASE))


def pieces(format_: str) -> list[Piece]:
    """Read an output format.

    Raises:
        ProgrammingError: for an element that is not known here.

    """
    found: list[Piece] = []
    text = ""
    for token in _TOKEN.finditer(format_):
        if token["cut"]:
            found += [Piece(text), Piece("%f000", int(token["cut"][2]))]
            text = ""
        elif token["word"] == "UTC":
            # The format in dbt's query of the catalogue ends with this letter.
            text += "UTC"
        elif token["word"] is not None:
            raise unsupported(f"'{token['word']}' in the format '{format_}'")
        elif token["element"]:
            if token["element"].upper() == "FF0" and text.endswith("."):
                raise unsupported(f"'.FF0' in the format '{format_}'")
            text += _ELEMENTS[token["element"].upper()]
        else:
            literal = token["literal"] if token["literal"] is not None else token["other"]
            text += literal.replace("%", "%%")
    return [piece for piece in [*found, Piece(text)] if piece.text]


def output_format(format_: str, *, zoned: bool) -> str:
    """Read an output format that is a parameter, as one text for strftime.

    Args:
        format_: in Snowflake's words.
        zoned: whether the times have an offset.

    Raises:
        ProgrammingError: for what is not known here.

    """
    found = pieces(format_)
    if any(piece.cut for piece in found):
        raise unsupported(f"FF1 and its like in '{format_}', a format that is a parameter")
    text = "".join(piece.text for piece in found)
    if not zoned and has_offset(text):
        raise unsupported(f"the offset in the format '{format_}' of what has no time zone")
    return text


def has_offset(text: str) -> bool:
    """Whether what `pieces` or `output_format` answered writes an offset."""
    return bool(_MARKS.search(text))


def input_format(format_: str) -> str:
    """Read an input format, as strptime takes it: fractions may have any number of digits.

    Raises:
        ProgrammingError: for an element that is not known here.

    """
    text = "".join(piece.text for piece in pieces(_CUT.sub("FF", format_)))
    return _MARKS.sub("%z", re.sub("%f000|%g|%f", "%n", text))
