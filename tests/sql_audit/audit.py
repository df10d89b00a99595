"""Runs all checks over a recording, and reports the statements and the findings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.sql_audit.parsing import UNKNOWN, unparsable
from tests.sql_audit.recording import Recording
from tests.sql_audit.rules import CALL_RULES, SOURCE_RULES, STATEMENT_RULES, TEXT_RULES
from tests.sql_audit.statement import OURS, Sent

# The name of findings that come from the parsers, and from no rule.
UNPARSABLE = "unparsable"
SENDERS_PARSED_ONLY = "the text of dbt and Snowpark is parsed; the rules are for the project's own"


@dataclass(frozen=True)
class Finding:
    """What a check found, and where."""

    rule: str
    says: str
    sender: str = ""
    source: str = ""
    sql: str = ""

    def __str__(self) -> str:
        """The finding in one line, and the beginning of the statement."""
        where = f" ({self.sender}, {self.source})" if self.source else f" ({self.sender or 'text'})"
        return f"{self.rule}: {self.says}{where}" + (f"\n    {self.sql[:300]}" if self.sql else "")


def statement_findings(statements: Iterable[Sent]) -> Iterator[Finding]:
    """Apply the rules of statements; the same finding in the same shape counts once."""
    seen: set[tuple[str, str, str]] = set()
    for one in statements:
        if one.sender not in OURS:
            continue
        for rule in STATEMENT_RULES:
            for says in rule(one):
                key = rule.__name__, one.shape, says
                if key not in seen:
                    seen.add(key)
                    yield Finding(rule.__name__, says, one.sender, one.source, one.bare)


def call_findings(statements: Iterable[Sent], requests: Sequence[float]) -> Iterator[Finding]:
    """Apply the rules of calls, each to the statements of one CALL."""
    calls: dict[str, list[Sent]] = defaultdict(list)
    for one in statements:
        if one.call:
            calls[one.call].append(one)
    for sent in calls.values():
        for rule in CALL_RULES:
            for says in rule(sent, requests):
                yield Finding(rule.__name__, says, sent[0].sender)


def source_findings(sources: Mapping[str, str]) -> Iterator[Finding]:
    """Apply the rules of sources."""
    for rule in SOURCE_RULES:
        for says in rule(sources):
            yield Finding(rule.__name__, says)


def text_findings(texts: Iterable[Sent]) -> Iterator[Finding]:
    """Apply the rules of texts to the texts that the project's macros gave to dbt."""
    for one in texts:
        for rule in TEXT_RULES:
            for says in rule(one):
                yield Finding(rule.__name__, says, one.sender, one.source, one.bare)


def findings(recording: Recording, sources: Mapping[str, str]) -> list[Finding]:
    """All findings of all checks."""
    found = [
        *statement_findings(recording.statements),
        *call_findings(recording.statements, recording.requests),
        *text_findings(recording.texts),
        *source_findings(sources),
    ]
    for one, says in unparsable(recording.statements):
        place = (one.sender, one.source, one.bare) if one else ()
        found.append(Finding(UNPARSABLE, says, *place))
    return found


def shapes(statements: Iterable[Sent]) -> Counter[tuple[str, str]]:
    """Count how often each shape was sent, by sender."""
    return Counter((one.sender, one.shape) for one in statements)


def report(recording: Recording, found: Sequence[Finding]) -> str:
    """Write the shapes with their counts, by sender, and the findings, as Markdown."""
    counted = shapes(recording.statements)
    senders: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for (sender, shape), count in counted.items():
        senders[sender].append((shape, count))
    lines = ["# SQL audit", "", f"{len(found)} finding(s).", ""]
    lines += [f"- {finding}" for finding in found]
    lines += ["", "| sender | statements | shapes |", "|---|---|---|"]
    for sender, group in sorted(senders.items()):
        lines.append(f"| {sender} | {sum(count for _, count in group)} | {len(group)} |")
    rules = (*STATEMENT_RULES, *CALL_RULES, *TEXT_RULES, *SOURCE_RULES)
    lines += ["", f"{len(set(rules))} rules; {SENDERS_PARSED_ONLY}.", ""]
    lines += ["Not known to sqlfluff, and right:", ""]
    lines += [f"- {entry.sender}: `{entry.pattern}`: {entry.reason}" for entry in UNKNOWN]
    for sender, group in sorted(senders.items()):
        lines += ["", f"## {sender}", "", "| count | statement |", "|---|---|"]
        for shape, count in sorted(group, key=lambda item: (-item[1], item[0])):
            lines.append(f"| {count} | `{shape[:400].replace('|', chr(92) + '|')}` |")
    return "\n".join(lines) + "\n"
