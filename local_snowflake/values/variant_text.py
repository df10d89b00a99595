"""What a VARIANT holds, as one text that is made on every way in and read on every way out.

The text is JSON with sorted keys and no blanks. The engine reads and writes the text, and would
round or respell a number that does not fit 64 bits. So such a number stands in the text as a string
behind a mark, with the texts that Snowflake shows of the number. A number with an exponent is a
DOUBLE, whatever its value; a plain number is exact, and has no zeros at its end.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Context, Decimal
from typing import Any

# By Unicode this is not a character, so no text of a user holds the mark.
MARK = "\ufdd0"
# A context with more digits than any number here: no number is rounded.
EXACTLY = Context(prec=800)
DIGITS = 38
_SCALE = 37
_PLAIN = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d*[1-9])?")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# A marked number in a text of JSON. Inside a string the opening quote would follow a backslash.
_MARKED = re.compile(f'"{MARK}([^{MARK}"]*)(?:{MARK}[^"]*)?"')


class JsonError(ValueError):
    """A text is not the JSON that PARSE_JSON reads."""


class UnknownHereError(ValueError):
    """The local Snowflake does not know what Snowflake makes of a text."""


def float_text(value: float) -> str:
    """A FLOAT as Snowflake casts it to VARCHAR: nine decimals or ten digits, and at most 15."""
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else "inf" if value > 0 else "-inf"
    whole = int(math.log10(abs(value))) if abs(value) >= 1 else 0
    return f"{value:.{min(10 + whole, 15)}g}"


def double(value: float) -> str:
    """The kept form of a DOUBLE: the text of JSON, the text of VARCHAR, and all digits."""
    if math.isnan(value) or math.isinf(value):
        raise UnknownHereError("a number beyond a DOUBLE in a VARIANT")
    return f"{MARK}{value:.15e}{MARK}{float_text(value)}{MARK}{value!r}"


def exact(text: str) -> int | float | str:
    """The kept form of a plain number; with more digits than a NUMBER it is a DOUBLE."""
    digits = text
    if "." in text:
        digits = text.rstrip("0").rstrip(".")
    if digits == "-0":
        digits = "0"
    if _PLAIN.fullmatch(digits):
        if "." not in digits:
            return int(digits)
        number = float(digits)
        if repr(number) == digits:
            return number
    bare = digits.lstrip("-").replace(".", "").lstrip("0")
    if len(bare) > DIGITS or len(digits.partition(".")[2]) > _SCALE:
        return double(float(text))
    return MARK + digits


def _number(text: str) -> int | float | str:
    if "e" in text or "E" in text:
        return double(float(text))
    return exact(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise JsonError(f'duplicate object attribute "{twice}"')
    return found


def _no_constant(text: str) -> Any:
    raise JsonError(f"unknown keyword {text}")


def _integer(text: str) -> int | float | str:
    return int(text) if len(text) < 19 else exact(text)


_read = json.JSONDecoder(
    parse_float=_number, parse_int=_integer, parse_constant=_no_constant, object_pairs_hook=_once
).decode
_read_kept = json.JSONDecoder().decode
_write = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def canonical(text: str) -> str | None:
    """What PARSE_JSON makes of a text; None of an empty one.

    Raises:
        JsonError: when the text is not JSON.
        UnknownHereError: when the value cannot be kept here.

    """
    if MARK in text or "\\ufdd0" in text.lower():
        raise UnknownHereError("U+FDD0 in a VARIANT")
    bare = text.strip()
    if not bare:
        return None
    try:
        found = _write(_read(bare))
    except json.JSONDecodeError as error:
        raise JsonError(f"{error.msg}, pos {error.pos}") from None
    except RecursionError:
        raise JsonError("it is nested too deeply") from None
    if _SURROGATE.search(found):
        raise JsonError("a lone surrogate")
    return found


def read(kept: str) -> Any:
    """The value of a kept text; a marked number is still a string."""
    return _read_kept(kept)


def write(value: Any) -> str:
    """The kept text of a value."""
    return _write(value)


def json_text(kept: str) -> str:
    """What TO_JSON shows."""
    return _MARKED.sub(_unmarked, kept) if MARK in kept else kept


def _unmarked(found: re.Match[str]) -> str:
    before = found.string[found.start() - 1] if found.start() else ""
    return found[0] if before == "\\" else found[1]


def shown_number(value: str) -> str:
    """A marked number as JSON shows it."""
    return value.split(MARK)[1]


def varchar(kept: str) -> str | None:
    """What a cast to VARCHAR makes of a kept text; None of a JSON null."""
    if kept == "null":
        return None
    if not kept.startswith('"'):
        return json_text(kept)
    text = read(kept)
    if text.startswith(MARK):
        parts = text.split(MARK)
        return str(parts[2] if len(parts) > 2 else parts[1])
    return str(text)


def digits(value: str) -> str:
    """A marked number with all of its digits."""
    return value.rsplit(MARK, maxsplit=1)[-1]


def kind(kept: str) -> str:
    """What TYPEOF answers."""
    first = kept[0]
    if first == '"':
        marked = kept[1] == MARK
        if not marked:
            return "VARCHAR"
        shown = shown_number(kept)
        return "DOUBLE" if "e" in shown else "DECIMAL" if "." in shown else "INTEGER"
    if first in "{[":
        return "OBJECT" if first == "{" else "ARRAY"
    if kept == "null":
        return "NULL_VALUE"
    if kept in ("true", "false"):
        return "BOOLEAN"
    return "DECIMAL" if "." in kept else "INTEGER"


def number(kept: str) -> str | None:
    """The digits of a value that can become a number: a number, its text, a boolean; else None."""
    if kept in ("true", "false"):
        return "1" if kept == "true" else "0"
    value = read(kept) if kept.startswith('"') else kept
    if value.startswith(MARK):
        return digits(value)
    try:
        return f"{Decimal(value.strip())}" if value.strip() and "_" not in value else None
    except ArithmeticError:
        return None
