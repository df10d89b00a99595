"""HTML in which every text is escaped, because only `Html` is not."""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Iterable, Sequence

from report.words import NOTHING, time_text, utc

VOID = {"meta", "link", "br"}
# HTML cannot contain control characters but tab and line feed, lone surrogates, noncharacters.
_NOT_IN_HTML = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

Child = object


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def clean(text: str) -> str:
    """Put the replacement character in place of characters that HTML cannot contain."""
    return _NOT_IN_HTML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def escape(child: Child) -> Html:
    """Make HTML of anything: `Html` stays as it is, None becomes empty, a sequence is joined."""
    if isinstance(child, Html):
        return child
    if child is None:
        return Html()
    if isinstance(child, list | tuple):
        return Html("".join(escape(part) for part in child))
    return Html(html.escape(clean(str(child)), quote=True))


def tag(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Html:
    """Make an element.

    Args:
        name: the element's name.
        children: the content; what is not `Html` is escaped.
        attributes: `class_` stands for class, `aria_label` for aria-label. An attribute whose value
            is None or False is left out; with True it has no value.

    """
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(value)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{escape(children)}</{name}>")


def given(text: str | None, limit: int | None = None) -> Html:
    """Show a text from the database: isolated in its direction, and cut when it is too long.

    Args:
        text: the text; None shows as a dash.
        limit: how many characters are shown at most; a text that was cut says so.

    """
    if text is None or not text.strip():
        return Html(NOTHING)
    if limit is None or len(text) <= limit:
        return tag("bdi", text)
    return escape([tag("bdi", text[:limit]), tag("span", " … (cut)", class_="cut")])


def with_code(text: str) -> list[Html]:
    """Make HTML of a text, in which backquotes enclose code."""
    parts = text.split("`")
    return [tag("code", part) if at % 2 else escape(part) for at, part in enumerate(parts)]


def moment(when: datetime.datetime, *, zone: bool = True, precise: bool = False) -> Html:
    """Write an instant in UTC, for people and for machines.

    Args:
        when: the instant.
        zone: whether the text names the time zone; leave it out only where a heading names it.
        precise: whether the text has milliseconds.

    """
    text = time_text(when, zone=zone, precise=precise)
    return tag("time", text, datetime=utc(when).isoformat(timespec="milliseconds"))


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Child]]) -> Html:
    """Make a table in a region that scrolls sideways; the first column names the row.

    Args:
        caption: what the table shows.
        heads: the names of the columns; a name that begins with '#' is of a column of numbers.
        rows: the cells, row by row.

    """
    numeric = [head.startswith("#") for head in heads]

    def cell(position: int, child: Child) -> Html:
        kind = "number" if numeric[position] else None
        if position == 0:
            return tag("th", child, scope="row", class_=kind)
        return tag("td", child, class_=kind)

    head = [
        tag("th", name.lstrip("#"), scope="col", class_="number" if numeric[position] else None)
        for position, name in enumerate(heads)
    ]
    body = [
        tag("tr", *(cell(position, child) for position, child in enumerate(row))) for row in rows
    ]
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption),
            tag("thead", tag("tr", *head)),
            tag("tbody", *body),
        ),
        class_="scroll",
        tabindex=0,
        role="region",
        aria_label=caption,
    )
