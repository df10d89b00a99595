"""HTML in which every text is escaped, because only `Html` is not."""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Iterable, Sequence

from report.policy_dashboard import NOTHING, time_text, utc

VOID = {"meta", "link", "br"}
# What HTML cannot hold: controls other than tab and line feed, lone surrogates, noncharacters.
_UNHOLDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

Child = object


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def clean(text: str) -> str:
    """Replace what HTML cannot hold by the replacement character."""
    return _UNHOLDABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def escape(child: Child) -> Html:
    """Make HTML of anything; `Html` stays as it is, None is nothing, a sequence is joined."""
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
        children: what it holds; escaped unless it is `Html`.
        attributes: `class_` is class, `aria_label` is aria-label; None and False leave one out,
            True writes it without a value.

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
    """Show a text that came from the database: isolated in its direction, cut where it is long.

    Args:
        text: the text; None shows as a dash.
        limit: how many characters are shown; what was cut is marked as such.

    """
    if text is None or not text.strip():
        return Html(NOTHING)
    if limit is None or len(text) <= limit:
        return tag("bdi", text)
    return escape([tag("bdi", text[:limit]), tag("span", " … (cut)", class_="cut")])


def moment(when: datetime.datetime, *, zone: bool = True, precise: bool = False) -> Html:
    """Write an instant in UTC, with its machine-readable form.

    Args:
        when: the instant.
        zone: whether the time zone follows; leave it out only where a heading says it.
        precise: whether milliseconds are shown.

    """
    text = time_text(when, zone=zone, precise=precise)
    return tag("time", text, datetime=utc(when).isoformat(timespec="milliseconds"))


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Child]]) -> Html:
    """Make a table whose first column names the row, in a region that scrolls sideways.

    Args:
        caption: what the table tells.
        heads: the names of the columns; one that begins with '#' is a column of numbers.
        rows: the cells.

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
