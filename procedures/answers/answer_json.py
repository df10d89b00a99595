"""Parses the JSON of an answer, and replaces what no table can hold.

An API may answer with JSON that can be parsed but not stored. The answer still counts, so it is
mended once, here, and later code can store every value.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from procedures.common.strict_json import refuse_constant, without_duplicates

# Deeper levels are not kept. A policy that an answer repeats may have 50 levels itself.
MAX_ANSWER_DEPTH = 64
TOO_DEEP = "[nested too deeply to be kept]"
# A NUMBER has at most 38 digits (docs/snowflake_facts.md#json-and-null).
MAX_NUMBER_DIGITS = 38
_REPLACEMENT = "\ufffd"
_MAY_BE_UNSTORABLE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_BRACKETS = re.compile(r'"(?:[^"\\]+|\\.)*"?|[\[\]{}]', re.DOTALL)
_CLOSED_BY = {"[": "]", "{": "}"}


class NumberText(str):
    """The text of a number that no table can hold as a number; the API did not send a text."""

    __slots__ = ()


def parse_answer(content: bytes) -> tuple[Any, str | None]:
    """Parse the body of an answer.

    Args:
        content: the body, decoded from its Content-Encoding.

    Returns:
        The value and None, or None and the problem. In the value, numbers that are not finite or
        have over 38 digits are texts (`NumberText`), halves of a surrogate pair and NUL are U+FFFD,
        and nothing is nested over MAX_ANSWER_DEPTH levels.

    """
    if not content.strip(b" \t\r\n"):
        return None, "the body is empty"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None, "the body is not UTF-8"
    try:
        value = json.loads(
            _shallow(text),
            parse_constant=refuse_constant,
            parse_float=_finite_or_text,
            parse_int=_whole_or_text,
            object_pairs_hook=without_duplicates,
        )
    except (ValueError, RecursionError) as error:
        return None, f"the body is not JSON ({str(error)[:200]})"
    return (_mended(value) if _MAY_BE_UNSTORABLE.search(text) else value), None


def _finite_or_text(text: str) -> Any:
    value = float(text)
    return value if math.isfinite(value) else NumberText(text)


def _whole_or_text(text: str) -> Any:
    # -0 would become 0, which is another text.
    is_kept = len(text.lstrip("-")) <= MAX_NUMBER_DIGITS and text != "-0"
    return int(text) if is_kept else NumberText(text)


def _mended(value: Any) -> Any:
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, str) and _UNSTORABLE.search(value):
        return _UNSTORABLE.sub(_REPLACEMENT, value)
    return value


def _shallow(text: str) -> str:
    """Replace what is nested too deeply with a text, so that no parser runs out of stack."""
    if text.count("[") + text.count("{") <= MAX_ANSWER_DEPTH:
        return text
    parts: list[str] = []
    closing: list[str] = []
    kept = begin = 0
    for token in _BRACKETS.finditer(text):
        mark = token.group()
        if mark in _CLOSED_BY:
            closing.append(_CLOSED_BY[mark])
            if len(closing) == MAX_ANSWER_DEPTH + 1:
                begin = token.start()
        elif mark in ("]", "}"):
            if not closing or closing.pop() != mark:
                return text
            if len(closing) == MAX_ANSWER_DEPTH:
                parts += [text[kept:begin], json.dumps(TOO_DEEP)]
                kept = token.end()
    return "".join([*parts, text[kept:]])
