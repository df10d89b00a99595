"""Makes the report: one HTML page without scripts, of an overview and its stories."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from importlib import resources

from report.buckets import OUTCOMES
from report.charts import (
    ROW_HEIGHT,
    causes_chart,
    distributions_chart,
    executions_chart,
    has_durations,
    success_rate_chart,
)
from report.executions import executions_section, link_to
from report.markup import Html, escape, given, moment, table, tag, with_code
from report.queries import MESSAGE_CHARACTERS, QUANTILES
from report.reading import Overview, Story
from report.sentences import (
    BREAKERS_KEY,
    DISTRIBUTION_KEY,
    breaker_rows,
    empty_window_sentence,
    headline,
    open_warnings,
    place_text,
)
from report.svg import FILLINGS, ON_PAGE, figure
from report.views import Row
from report.words import (
    bucket_text,
    count_text,
    duration_text,
    minute_text,
    number_text,
    percent_text,
    window_text,
)

LONG = ("seen last", "address")
QUANTILE_HEADS = ("#p5", "#p25", "#p50", "#p75", "#p95", "#Longest")


def page(title: str, overview: Overview, stories: Mapping[str, Story]) -> str:
    """Make the whole page.

    Args:
        title: the heading of the page.
        overview: what the views say about the window.
        stories: the steps and events of the overview's recent executions.

    """
    style = resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    sections = _sections(overview, stories)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Html(style)),
    )
    body = tag(
        "body",
        tag("a", "Skip to the figures", href="#main", class_="skip"),
        FILLINGS,
        _header(title, overview, sections),
        tag("main", *(_section(*section) for section in sections), id="main", tabindex=-1),
        tag(
            "footer",
            tag("p", "All times are UTC."),
            tag(
                "p",
                "Tables and event lists that are closed are left out of print; those that are"
                " open are printed.",
                class_="on-paper",
            ),
        ),
    )
    return "<!doctype html>\n" + tag("html", head, body, lang="en") + "\n"


def _header(title: str, overview: Overview, sections: Sequence[tuple[str, str, Html]]) -> Html:
    links = [tag("li", tag("a", name, href=f"#{anchor}")) for anchor, name, _ in sections]
    return tag(
        "header",
        tag("h1", title),
        tag(
            "p",
            given(place_text(overview["place"])),
            ": executions that started in the last ",
            window_text(overview["days"]),
            ", ",
            moment(overview["since"], zone=False),
            " to ",
            moment(overview["made_at"]),
            ".",
        ),
        tag("p", "Made ", moment(overview["made_at"]), ".", class_="muted"),
        tag("nav", tag("ul", *links), aria_label="Sections") if len(links) > 1 else None,
    )


def _section(anchor: str, name: str, content: Html) -> Html:
    heading = f"{anchor}-heading"
    return tag("section", tag("h2", name, id=heading), content, id=anchor, aria_labelledby=heading)


def _sections(overview: Overview, stories: Mapping[str, Story]) -> list[tuple[str, str, Html]]:
    found = [("in-short", "In short", _in_short(overview))]
    if overview["breakers"]:
        found.append(("breakers", "Breakers towards the API", _breakers(overview)))
    if overview["figures"]["executions"]:
        found += [
            ("over-time", "Over time", _over_time(overview)),
            ("durations", "Durations", _durations(overview)),
            ("failures", "Failures by cause", _failures(overview)),
        ]
    if overview["recent"]:
        found.append(("executions", "Executions", executions_section(overview, stories)))
    return found


def _in_short(overview: Overview) -> Html:
    figures = overview["figures"]
    notices = [tag("p", *with_code(text), class_="notice") for text in open_warnings(figures)]
    if not figures["executions"]:
        sentence = empty_window_sentence(figures, overview["days"])
        return escape([tag("p", *with_code(sentence), class_="notice calm"), *notices])
    shown = [
        tag(
            "div",
            tag("dt", name),
            tag("dd", value, class_="value"),
            tag("dd", meaning, class_="meaning"),
        )
        for name, value, meaning in headline(figures)
    ]
    return escape([tag("dl", *shown, class_="figures"), *notices])


def _breakers(overview: Overview) -> Html:
    found = breaker_rows(overview)
    heads = [("#" if name == "held back" else "") + _head(name) for name in found[0]]
    rows = [
        [
            number_text(cell)
            if name == "held back"
            else tag(
                "span", given(cell, MESSAGE_CHARACTERS), class_="long" if name in LONG else "nowrap"
            )
            for name, cell in row.items()
        ]
        for row in found
    ]
    shown = table("Breakers that are not closed", heads, rows)
    return escape([shown, tag("p", *with_code(BREAKERS_KEY), class_="muted")])


def _details(summary: str, content: Html) -> Html:
    return tag("details", tag("summary", summary), content)


def _over_time(overview: Overview) -> Html:
    buckets = overview["buckets"]
    width = bucket_text(overview["bucket_seconds"])
    figures = overview["figures"]
    busiest = max(buckets, key=lambda bucket: int(bucket["executions"]))
    counts = ", ".join(f"{figures[outcome]:,} {outcome}" for outcome in OUTCOMES)
    heads = ("From (UTC)", *(f"#{_head(outcome)}" for outcome in OUTCOMES), "#Success rate")
    rows = [
        (
            tag("span", minute_text(bucket["start"]), class_="nowrap"),
            *(number_text(bucket[outcome]) for outcome in OUTCOMES),
            percent_text(bucket["success_rate"]),
        )
        for bucket in buckets
    ]
    pair = tag(
        "div",
        figure(
            "Executions over time",
            f"By start, {width} a bar; most from {minute_text(busiest['start'])} UTC:"
            f" {number_text(busiest['executions'])}.",
            lambda narrow: executions_chart(buckets, ON_PAGE, 4 if narrow else 8),
            250,
            details=f"{counts}.",
        ),
        figure(
            "Success rate over time",
            f"Completed of all that started, {width} a point; overall"
            f" {percent_text(figures['success_rate'])}.",
            lambda narrow: success_rate_chart(buckets, ON_PAGE, 4 if narrow else 8),
            250,
        ),
        class_="pair",
    )
    caption = f"Executions by start, {width} a row"
    return escape([pair, _details("Figures over time", table(caption, heads, rows))])


def _durations(overview: Overview) -> Html:
    steps, requests = overview["steps"], overview["requests"]
    begun = ("begun", "succeeded", "failed", "still_open")
    called = ("calls", "requests_sent", "accepted", "refused", "unanswered")
    pair = tag(
        "div",
        _distributions(
            "Steps: time at work",
            "Time in which a run was at a step, the pauses between polls included.",
            steps,
        ),
        _distributions(
            "API: time of a call",
            "From the first request of a call to its answer, repeated requests included.",
            requests,
        ),
        class_="pair",
    )
    tables = tag(
        "div",
        _quantiles("Steps that began, and their time at work", "Step", begun, steps),
        _quantiles("Calls of the API, and their time", "Endpoint", called, requests),
    )
    key = tag("p", DISTRIBUTION_KEY, class_="key")
    return escape([key, pair, _details("Figures by step and by endpoint", tables)])


def _distributions(title: str, summary: str, rows: list[Row]) -> Html:
    drawn = has_durations(rows)
    if not drawn:
        none = tag("p", "None in this window.", class_="muted")
        return tag("figure", tag("figcaption", tag("h3", title)), none)
    quantiles = "; ".join(
        f"{row['label']}: p50 {duration_text(row['p50'])}, p95 {duration_text(row['p95'])}"
        for row in drawn
    )
    return figure(
        title,
        summary,
        lambda _: distributions_chart(drawn, ON_PAGE),
        ROW_HEIGHT * len(drawn) + 28,
        details=f"{quantiles}.",
    )


def _quantiles(caption: str, what: str, counts: Sequence[str], rows: list[Row]) -> Html:
    heads = [what, *("#" + _head(name) for name in counts), *QUANTILE_HEADS]
    cells = [
        (
            given(row["label"]),
            *(number_text(row[name]) for name in counts),
            *(tag("span", duration_text(row[name]), class_="nowrap") for name in QUANTILES),
        )
        for row in rows
    ]
    return table(caption, heads, cells)


def _head(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}".replace("_", " ")


def _failures(overview: Overview) -> Html:
    causes = overview["causes"]
    if not causes:
        return tag("p", "No execution failed in this window.")
    listed = [execution["execution_id"] for execution in overview["recent"]]
    rows = [
        (
            tag("code", given(row["cause"], 100), class_="nowrap"),
            number_text(row["failures"]),
            link_to(row["execution_id"], listed),
            tag("span", given(row["example"], MESSAGE_CHARACTERS), class_="long"),
        )
        for row in causes
    ]
    counts = ", ".join(f"{row['cause']} {number_text(row['failures'])}" for row in causes)
    chart = figure(
        "Failed executions, by cause",
        f"{number_text(overview['figures']['failed'])} failed, of"
        f" {count_text(len(causes), 'cause')}.",
        lambda _: causes_chart(causes, ON_PAGE),
        26 * len(causes) + 8,
        details=f"{counts}.",
    )
    heads = ("Cause", "#Failures", "Example", "Its message")
    caption = "Causes of failures, each with its latest example"
    advice = with_code("`dbt run-operation retry_policy_workflow` takes failed executions up.")
    return escape([chart, table(caption, heads, rows), tag("p", *advice, class_="muted")])
