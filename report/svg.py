"""Renders charts as inline SVG without scripts, once for wide pages and once for narrow ones."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from report.axes import Chart
from report.buckets import OUTCOMES
from report.markup import Html, escape, tag
from report.palette import Palette

WIDE, NARROW = 560, 340
SVG = "{http://www.w3.org/2000/svg}"
# The page defines the paints: the colours in its style, the fillings in FILLINGS.
ON_PAGE = Palette(
    fills={
        "completed": "var(--completed)",
        "failed": "url(#fill-failed)",
        "cancelled": "url(#fill-cancelled)",
        "open": "var(--page)",
    },
    strokes={outcome: f"var(--{outcome})" for outcome in OUTCOMES},
    accent="var(--accent)",
    pale="var(--pale)",
    text="var(--text)",
)
_FONT = "Arial, Liberation Sans, DejaVu Sans, sans-serif"
CONFIG: dict[str, Any] = {
    "background": "transparent",
    "font": _FONT,
    "aria": False,
    "padding": {"left": 2, "top": 2, "bottom": 2, "right": 20},
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--muted)",
        "labelFontSize": 12,
        "labelOverlap": "parity",
        "labelSeparation": 8,
        "gridColor": "var(--line)",
        "domainColor": "var(--edge)",
        "tickColor": "var(--edge)",
    },
    "axisY": {"domain": False, "ticks": False, "labelPadding": 6},
    "legend": {
        "labelColor": "var(--text)",
        "labelFontSize": 12,
        "symbolType": "square",
        "symbolSize": 110,
        "columnPadding": 14,
        "offset": 10,
    },
}
FILLINGS = Html(
    '<svg width="0" height="0" class="fillings" aria-hidden="true" focusable="false"><defs>'
    '<pattern id="fill-failed" width="5" height="5" patternUnits="userSpaceOnUse"'
    ' patternTransform="rotate(45)"><path fill="var(--page)" d="M0 0h5v5h-5z"/>'
    '<path fill="var(--failed)" d="M0 0h3v5h-3z"/></pattern>'
    '<pattern id="fill-cancelled" width="5" height="5" patternUnits="userSpaceOnUse">'
    '<path fill="var(--page)" d="M0 0h5v5h-5z"/>'
    '<circle fill="var(--cancelled)" cx="2.5" cy="2.5" r="1.3"/></pattern>'
    "</defs></svg>"
)
_NUMBER = re.compile(r"-?\d+\.\d+")
_STILL = re.compile(r"translate\(-?0(\.0)?,-?0(\.0)?\)")
# Attributes that Vega writes and the page does not need.
_UNNEEDED = {"class", "role", "aria-hidden", "aria-roledescription", "pointer-events", "style"}


def figure(
    title: str,
    summary: str,
    draw: Callable[[bool], Chart],
    height: int,
    *,
    details: str = "",
) -> Html:
    """Make a figure of a chart and its caption.

    Args:
        title: the heading in the caption.
        summary: what the chart shows, in a sentence.
        draw: makes the chart; its argument says whether the page is narrow.
        height: the height of the chart in pixels, axes included.
        details: what the chart says in writing, for readers who cannot see the chart.

    """
    return tag(
        "figure",
        tag("figcaption", tag("h3", title), tag("p", summary)),
        both(f"{title}. {summary} {details}".strip(), draw, height),
    )


def both(alternative: str, draw: Callable[[bool], Chart], height: int) -> Html:
    """Render a chart for wide and for narrow pages; the style of the page shows one of the two."""
    return escape(
        [
            svg(draw(narrow), NARROW if narrow else WIDE, height, alternative, narrow=narrow)
            for narrow in (False, True)
        ]
    )


def svg(chart: Chart, width: int, height: int, alternative: str, *, narrow: bool) -> Html:
    """Render a chart to an inline SVG.

    Args:
        chart: an Altair chart.
        width: the width of the image in pixels.
        height: the height of the image in pixels.
        alternative: the text for readers who cannot see the image.
        narrow: whether the image is for narrow pages.

    """
    sized = chart.properties(
        width=width,
        height=height,
        autosize={"type": "fit", "contains": "padding"},
    ).configure(**CONFIG)
    written = io.StringIO()
    sized.save(written, format="svg")
    root = ElementTree.fromstring(written.getvalue())  # noqa: S314 - written by Vega just now
    _slim(root)
    return Html(
        tag("svg", Html("".join(_inner(child) for child in root)), width=root.get("width"),
            height=root.get("height"), viewBox=root.get("viewBox"), role="img",
            aria_label=alternative, class_="narrow" if narrow else "wide")
    )  # fmt: skip


def _inner(element: ElementTree.Element) -> str:
    """Write an element without namespaces, as HTML wants inline SVG."""
    name = element.tag.removeprefix(SVG)
    attributes = {key: value for key, value in element.attrib.items() if "}" not in key}
    children = [element.text or "", *(_inner(child) for child in element)]
    written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    inside = escape(children[0]) + "".join(children[1:])
    return f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"


def _slim(element: ElementTree.Element) -> None:
    """Remove what is invisible and what the style of the page sets; round the coordinates."""
    for child in list(element):
        if _invisible(child):
            element.remove(child)
            continue
        _slim(child)
    for name in [*_UNNEEDED & element.attrib.keys(), "font-family"]:
        element.attrib.pop(name, None)
    for name in ("d", "transform", "x1", "x2", "y1", "y2", "x", "y", "width", "height"):
        if name in element.attrib:
            element.attrib[name] = _NUMBER.sub(_rounded, element.attrib[name])
    if _STILL.fullmatch(element.get("transform", "")) or element.get("transform") == "":
        del element.attrib["transform"]
    if element.get("opacity") == "1":
        del element.attrib["opacity"]
    flat: list[ElementTree.Element] = []
    for child in element:
        plain = child.tag == f"{SVG}g" and not child.attrib
        flat.extend(child if plain else [child])
    element[:] = flat


def _invisible(element: ElementTree.Element) -> bool:
    unpainted = (
        element.get("class") in ("background", "foreground")
        and not element.get("stroke")
        and not element.get("fill")
    )
    no_text = element.tag == f"{SVG}text" and not (element.text or len(element))
    clear = element.tag == f"{SVG}rect" and element.get("fill") == "transparent"
    empty = element.tag == f"{SVG}g" and not len(element)
    return unpainted or no_text or clear or empty or element.get("opacity") == "0"


def _rounded(match: re.Match[str]) -> str:
    return f"{float(match[0]):.1f}".removesuffix(".0")
