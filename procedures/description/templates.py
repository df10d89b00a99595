"""Fills the placeholders of a description: `{policy.rule_id}` in a path, in a header, in a body.

A path is a URI template of level 1 (RFC 6570): values are percent-encoded. In a body, a text that
is exactly one placeholder becomes the value, with the value's type. Numbers of a policy are sent
digit by digit as they are stored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote, unquote, urlencode

from procedures.common.bound_json import to_json
from procedures.common.redaction import REDACTED, names_secret

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")
_POLICY = "policy"
_NUMBER = ".number"
_WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)")
# As segments of a path they name another resource (RFC 3986, 5.2.4).
_NO_SEGMENTS = ("", ".", "..")


class JsonText(str):
    """A JSON text that is sent as it is: a part of a policy, or an id as a number."""

    __slots__ = ()


class PlaceholderError(ValueError):
    """A placeholder has no value, or a value that cannot stand at its place.

    Args:
        message: what is wrong.
        error_class: the word by which macros/diagnosis/_failure_causes.sql explains the error.

    """

    def __init__(self, message: str, error_class: str = "PlaceholderMissing") -> None:
        super().__init__(message)
        self.error_class = error_class


@dataclass(frozen=True)
class Values:
    """What the placeholders of one execution stand for.

    Args:
        texts: the values by the names of their placeholders, but for those of the policy.
        policy: the policy, as JSON text or as an object; None where no placeholder needs it.

    """

    texts: Mapping[str, str] = field(default_factory=dict)
    policy: Mapping[str, Any] | str | None = None

    @cached_property
    def _text(self) -> JsonText:
        return JsonText(self.policy if isinstance(self.policy, str) else to_json(self.policy))

    @cached_property
    def _fields(self) -> Any:
        return json.loads(self._text or "null", parse_float=JsonText)

    def value(self, name: str) -> Any:
        """The value of a placeholder.

        Raises:
            PlaceholderError: when there is no such value, or its secrets were not kept.

        """
        first, *path = name.split(".")
        if first != _POLICY:
            if name.removesuffix(_NUMBER) in self.texts and name.endswith(_NUMBER):
                return _as_number(first, self.texts[first])
            if name not in self.texts:
                raise PlaceholderError(f"there is no value for {{{name}}} at this step")
            return self.texts[name]
        found = self._fields if path else self._text
        for part in path:
            if not isinstance(found, dict) or part not in found:
                raise PlaceholderError(
                    f"the policy has no field {'.'.join(path)}, which {{{name}}} stands for"
                )
            found = found[part]
        if REDACTED in (found if isinstance(found, str) else json.dumps(found)):
            raise PlaceholderError(
                f"the history does not keep the secrets of the policy, which {{{name}}} needs",
                "SecretsNotKept",
            )
        return found


def _as_number(name: str, text: str) -> JsonText:
    if not _WHOLE_NUMBER.fullmatch(text):
        raise PlaceholderError(f"the {name} '{text}' is no whole number, as {{{name}.number}} is")
    return JsonText(text)


def names_in(template: Any) -> Iterator[str]:
    """Name the placeholders of a text, or of the texts in a body."""
    if isinstance(template, str):
        yield from _PLACEHOLDER.findall(template)
    elif isinstance(template, dict):
        for item in template.values():
            yield from names_in(item)
    elif isinstance(template, list):
        for item in template:
            yield from names_in(item)


def fill_text(template: str, values: Values) -> str:
    """Fill a text.

    Raises:
        PlaceholderError: when a value is missing, or is no text, number or boolean.

    """
    return _PLACEHOLDER.sub(lambda found: _text(found[1], values.value(found[1])), template)


def fill_url(template: str, values: Values, *, shown: bool = False) -> str:
    """Fill an address; each value is percent-encoded.

    Args:
        template: the address with its placeholders.
        values: what the placeholders stand for.
        shown: whether the address is for people: then fields of the policy whose names say that
            they are secret are left out.

    Raises:
        PlaceholderError: as `fill_text`, and for a value that would lead to another address.

    """

    def filled(found: re.Match[str]) -> str:
        return quote(_text(found[1], values.value(found[1])), safe="")

    def to_show(found: re.Match[str]) -> str:
        is_secret = found[1].startswith(f"{_POLICY}.") and names_secret(found[1])
        return REDACTED if is_secret else filled(found)

    for segment in template.partition("?")[0].split("/"):
        names = ", ".join(f"{{{name}}}" for name in names_in(segment))
        text = unquote(_PLACEHOLDER.sub(filled, segment)) if names else None
        if text in _NO_SEGMENTS:
            message = f"with the value of {names} a part of the path becomes '{text}', "
            raise PlaceholderError(message + "which would lead to another address")
    return _PLACEHOLDER.sub(to_show if shown else filled, template)


def fill_body(template: Any, values: Values, key: tuple[str, str] | None = None) -> str:
    """Fill a body; returns its JSON text.

    Args:
        template: any JSON, with placeholders in its texts.
        values: what the placeholders stand for.
        key: a JSON Pointer, and the text to put there.

    Raises:
        PlaceholderError: as `fill_text`.

    """
    filled = _filled(template, values)
    if key:
        filled = _parsed(filled)
        _put(filled, *key)
    return _written(filled)


def fill_form(template: Any, values: Values, key: tuple[str, str] | None = None) -> str:
    """Fill a body that is sent as a form; returns the form, encoded as browsers do.

    Args:
        template: an object with placeholders, or a placeholder that stands for one.
        values: what the placeholders stand for.
        key: a JSON Pointer to a field of the form, and the text to put there.

    Raises:
        PlaceholderError: as `fill_text`, and for what a form cannot carry: objects and nulls.

    """
    form = _parsed(_filled(template, values))
    if not isinstance(form, dict):
        raise PlaceholderError("the body is sent as a form, and is no object")
    if key:
        _put(form, *key)
    pairs = []
    for name, held in form.items():
        value = _parsed(held)
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, str | int | float):
                what = _kind_of(item)
                raise PlaceholderError(f"{name} is {what}, which a form cannot carry")
            pairs.append((name, _text(name, item)))
    return urlencode(pairs)


def _parsed(value: Any) -> Any:
    """A value, where the whole policy as an object."""
    is_object = isinstance(value, JsonText) and value.lstrip()[:1] == "{"
    return json.loads(value, parse_float=JsonText) if is_object else value


def _filled(template: Any, values: Values) -> Any:
    if isinstance(template, str):
        whole = _PLACEHOLDER.fullmatch(template)
        return values.value(whole[1]) if whole else fill_text(template, values)
    if isinstance(template, dict):
        return {key: _filled(item, values) for key, item in template.items()}
    if isinstance(template, list):
        return [_filled(item, values) for item in template]
    return template


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise PlaceholderError(
        f"the value of {{{name}}} is {_kind_of(value)}, and stands inside a text"
    )


def _kind_of(value: Any) -> str:
    return "null" if value is None else "an object" if isinstance(value, dict) else "a list"


def _put(body: Any, pointer: str, key: str) -> None:
    *way, last = segments(pointer)
    for part in way:
        body = body.setdefault(part, {}) if isinstance(body, dict) else None
    if not isinstance(body, dict):
        raise PlaceholderError(f"the body has no object at {pointer} for the idempotency key")
    if last in body:
        message = f"the body has something else at {pointer}, where the idempotency key belongs"
        raise PlaceholderError(message)
    body[last] = key


def segments(pointer: str) -> tuple[str, ...]:
    """Split a JSON Pointer (RFC 6901) into the keys and indices on its way."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def _written(value: Any) -> str:
    """Write JSON as `to_json` does, with the parts of a policy as they are."""
    if isinstance(value, JsonText):
        return str(value)
    if isinstance(value, dict):
        items = (f"{to_json(key)}: {_written(item)}" for key, item in value.items())
        return "{" + ", ".join(items) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return to_json(value)
