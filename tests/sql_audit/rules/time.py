"""Rules for time: UTC in most columns, the wall clock in two of them, instants in the events."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from sqlglot import exp

from tests.sql_audit.rules.types import assignments
from tests.sql_audit.statement import Sent
from tests.sql_audit.tables import EVENTS, RUNS, STATE, of_type

UTC, WALL, INSTANT = "UTC", "the wall clock", "an instant"
# The two columns of the state table that hold the caller's wall clock, as its queries expect.
SEED_TIMES = {"start_time", "last_poll_time"}

_WITHOUT_ZONE = (exp.DType.TIMESTAMPNTZ, exp.DType.TIMESTAMP, exp.DType.DATETIME)
_WITH_ZONE = (exp.DType.TIMESTAMPLTZ, exp.DType.TIMESTAMPTZ)
_NOW = exp.CurrentTimestamp | exp.Localtimestamp
# Expressions that return one of several times.
_ONE_OF = exp.Coalesce | exp.Least | exp.Greatest | exp.Case | exp.If | exp.Nullif
_COMPARED = (
    exp.EQ | exp.NEQ | exp.LT | exp.LTE | exp.GT | exp.GTE | exp.NullSafeEQ | exp.NullSafeNEQ
)
_MEETING = _ONE_OF | _COMPARED | exp.Between | exp.DateDiff
# Expressions that return a time of the same clock as their argument.
_KEPT = (
    exp.DateAdd
    | exp.DateSub
    | exp.Add
    | exp.Sub
    | exp.AddMonths
    | exp.TimestampTrunc
    | exp.Paren
    | exp.Alias
    | exp.Window
    | exp.Min
    | exp.Max
    | exp.ArgMin
    | exp.ArgMax
    | exp.AnyValue
    | exp.Lag
    | exp.Lead
)


@cache
def _column_clocks() -> dict[str, str]:
    """The clock of each column; no name has two clocks."""
    plain = of_type(STATE, "timestamp_ntz") | of_type(RUNS, "timestamp_ntz")
    clocks = {name: WALL if name in SEED_TIMES else UTC for name in plain}
    return clocks | dict.fromkeys(of_type(EVENTS, "timestamp_ltz"), INSTANT)


class _Clocks:
    """Finds the clock of an expression; None for what is no time, or is unclear."""

    def __init__(self, tree: exp.Expr) -> None:
        self._named: dict[str, list[exp.Expr]] = {}
        for alias in tree.find_all(exp.Alias):
            self._named.setdefault(alias.alias.upper(), []).append(alias.this)

    def of(self, node: exp.Expr | None, seen: frozenset[str] = frozenset()) -> str | None:
        """The clock of an expression; an unquoted name is looked up in the statement."""
        if isinstance(node, _NOW):
            return UTC if node.args.get("sysdate") else INSTANT
        if isinstance(node, exp.Column):
            return self._of_column(node, seen)
        if isinstance(node, exp.UnixToTime):
            return UTC if node.args["target_type"].is_type(*_WITHOUT_ZONE) else INSTANT
        if made := _made_of(node):
            clock = self.of(made[0], seen)
            return clock and (INSTANT if made[1] else WALL if clock == INSTANT else clock)
        if isinstance(node, _ONE_OF):
            found = (self.of(part, seen) for part in _operands(node))
            return next((clock for clock in found if clock), None)
        return self.of(node.this, seen) if isinstance(node, _KEPT) else None

    def _of_column(self, column: exp.Column, seen: frozenset[str]) -> str | None:
        name = column.name if isinstance(column.this, exp.Identifier) else ""
        if name and column.this.quoted:
            return _column_clocks().get(name)
        if name.upper() in seen:
            return None
        seen |= {name.upper()}
        found = {self.of(node, seen) for node in self._named.get(name.upper(), [])} - {None}
        return found.pop() if len(found) == 1 else None


def _made_of(node: exp.Expr | None) -> tuple[exp.Expr, bool] | None:
    """The argument of a conversion to a timestamp, and whether the timestamp has a zone."""
    if isinstance(node, exp.Cast) and node.to.is_type(*_WITHOUT_ZONE, *_WITH_ZONE):
        return node.this, node.to.is_type(*_WITH_ZONE)
    if isinstance(node, exp.ConvertTimezone):
        return node.args["timestamp"], True
    if isinstance(node, exp.Anonymous) and node.name.upper().startswith("TO_TIMESTAMP_"):
        return node.expressions[0], not node.name.upper().endswith("NTZ")
    return None


def _operands(node: exp.Expr) -> list[exp.Expr]:
    """The expressions that are compared, or of which one is returned."""
    if isinstance(node, exp.Case):
        found = [*(branch.args["true"] for branch in node.args["ifs"]), node.args.get("default")]
    elif isinstance(node, exp.If):
        found = [node.args["true"], node.args.get("false")]
    elif isinstance(node, exp.Between):
        found = [node.this, node.args["low"], node.args["high"]]
    else:
        found = [node.this, node.args.get("expression"), *node.expressions]
    return [part for part in found if part is not None]


def _mixed(tree: exp.Expr | None) -> Iterator[tuple[str, set[str | None]]]:
    """Find the places where times of several clocks meet: the SQL, and the clocks."""
    for place, clocks in _meetings(tree) if tree else ():
        if len(clocks - {None}) > 1:
            yield place.sql(dialect="snowflake")[:80], clocks


def _meetings(tree: exp.Expr) -> Iterator[tuple[exp.Expr, set[str | None]]]:
    """Find the places where times are compared, chosen, written or converted, with their clocks."""
    clocks = _Clocks(tree)
    columns = _column_clocks()
    for node in tree.find_all(*_MEETING.__args__):
        yield node, {clocks.of(part) for part in _operands(node)}
    for column, value, _ in assignments(tree):
        yield value, {columns.get(column), clocks.of(value)}
    for node in tree.find_all(exp.Cast, exp.Anonymous):
        # Wall clocks and instants may become each other as texts, for people; UTC may not.
        if (made := _made_of(node)) and made[1] and clocks.of(made[0]) == UTC:
            yield node, {UTC, INSTANT}
    for node in tree.find_all(exp.ConvertTimezone):
        yield node, {clocks.of(node.args["timestamp"]), INSTANT}
    for definition in tree.find_all(exp.ColumnDef):
        if default := definition.find(exp.DefaultColumnConstraint):
            # A default is converted to the type of its column.
            clock = clocks.of(default.this)
            yield definition, {columns.get(definition.name), WALL if clock == INSTANT else clock}


def other_clock(statement: Sent) -> Iterator[str]:
    """A column in UTC, written by SYSDATE(), meets no time of another clock.

    CURRENT_TIMESTAMP() without its zone is the wall clock of the caller, and differs between
    callers (docs/snowflake_facts.md#time).
    """
    for where, clocks in _mixed(statement.tree):
        for other in sorted({WALL, INSTANT} & clocks):
            if UTC in clocks:
                yield f"UTC meets {other}: {where}"


def zone_of_time(statement: Sent) -> Iterator[str]:
    """A time with a zone is cast before it meets a column without zone.

    CURRENT_TIMESTAMP() has a zone. So it is cast for "start_time" and "last_poll_time", and it is
    not cast for "event_time", which is an instant (docs/snowflake_facts.md#time).
    """
    for where, clocks in _mixed(statement.tree):
        if {WALL, INSTANT} <= clocks:
            yield f"a time without zone meets one that has one: {where}"


def text_of_time(statement: Sent) -> Iterator[str]:
    """The text of a time is made by TO_VARCHAR with a format, never by a cast or by ||.

    Without a format the text follows the caller's *_OUTPUT_FORMAT (docs/snowflake_facts.md#time).
    """
    if statement.tree is None:
        return
    clocks = _Clocks(statement.tree)
    for node in statement.tree.find_all(exp.Cast, exp.ToChar, exp.DPipe, exp.Concat, exp.ConcatWs):
        if isinstance(node, exp.Cast):
            texts = [node.this] if node.to.is_type(*exp.DataType.TEXT_TYPES) else []
        elif isinstance(node, exp.ToChar):
            texts = [] if node.args.get("format") else [node.this]
        else:
            texts = _operands(node)
        if any(clocks.of(part) for part in texts):
            yield f"a time becomes text without a format: {node.sql(dialect='snowflake')[:80]}"


def precise_default(statement: Sent) -> Iterator[str]:
    """A DEFAULT stands only where Snowflake takes it.

    NTZ(3) DEFAULT CURRENT_TIMESTAMP() is refused, and so is any DEFAULT in ADD COLUMN IF NOT EXISTS
    (docs/snowflake_facts.md#time).
    """
    if not isinstance(statement.tree, exp.Create | exp.Alter):
        return
    for definition in statement.tree.find_all(exp.ColumnDef):
        default = definition.find(exp.DefaultColumnConstraint)
        kind = definition.args.get("kind")
        if default and isinstance(statement.tree, exp.Alter):
            yield f"ADD COLUMN {definition.name} has a DEFAULT"
        elif default and kind and kind.expressions and default.find(exp.CurrentTimestamp):
            yield f"{definition.name} has a precision and DEFAULT CURRENT_TIMESTAMP()"


TIME_RULES = (other_clock, zone_of_time, text_of_time, precise_default)
