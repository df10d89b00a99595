"""The colours of the charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import altair as alt

from report.buckets import OUTCOMES


@dataclass(frozen=True)
class Palette:
    """Paints of the charts: hexadecimal colours, or another paint that SVG knows.

    `fills` and `strokes` have an entry for each outcome. The fills differ in more than colour, so
    that readers who see no colours can tell the outcomes apart.
    """

    fills: Mapping[str, str]
    strokes: Mapping[str, str]
    accent: str
    pale: str
    text: str


# Each colour has a contrast of three to one on Streamlit's light page and on its dark page.
_COLOURS = {"completed": "#2f7fc1", "failed": "#d9480f", "cancelled": "#7c858f", "open": "#7c858f"}
ON_SCREEN = Palette(
    fills={**_COLOURS, "cancelled": "rgba(124, 133, 143, 0.4)", "open": "transparent"},
    strokes=_COLOURS,
    accent="#5b8296",
    pale="rgba(91, 130, 150, 0.3)",
    text="#7c858f",
)


def outcome_scale(colours: Mapping[str, str]) -> alt.Scale:
    """Make the scale that gives each outcome its paint, and the legend its order."""
    return alt.Scale(domain=list(OUTCOMES), range=[colours[outcome] for outcome in OUTCOMES])
