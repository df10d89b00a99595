"""Which type of Snowflake's an expression has, as far as that is known before the statement runs.

The engine's types are not Snowflake's: its division is a DOUBLE, its VARIANT is a text. Where the
type is not certain, the answer is None.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlglot import exp

Type = exp.DType


class Kind(NamedTuple):
    """A family of types; only fixed-point numbers have digits and decimals."""

    family: str
    digits: int = 38
    decimals: int = 0

    def named(self) -> str:
        """The type as messages name it."""
        if self.family == "fixed":
            return f"NUMBER({self.digits},{self.decimals})"
        return {"real": "FLOAT", "text": "VARCHAR(134217728)", "time": "TIMESTAMP_NTZ(9)"}.get(
            self.family, self.family.upper()
        )

    def of(self, value: exp.Expr) -> str:
        """The type of a value as messages name it: for a constant text, with its length."""
        if isinstance(value, exp.Literal) and value.is_string:
            return f"VARCHAR({len(value.name)})"
        return self.named()


FIXED, REAL, TEXT = Kind("fixed"), Kind("real"), Kind("text")
BOOLEAN, VARIANT, TIME, NULL = Kind("boolean"), Kind("variant"), Kind("time"), Kind("null")
# The types that branches of a CASE, or an arithmetic, may give.
_WIDEST = 38

_BY_TYPE = {
    **dict.fromkeys(exp.DataType.TEXT_TYPES, TEXT),
    **dict.fromkeys((Type.BIGINT, Type.INT, Type.SMALLINT, Type.TINYINT, Type.INT128), FIXED),
    **dict.fromkeys((Type.DOUBLE, Type.FLOAT), REAL),
    **dict.fromkeys((Type.VARIANT, Type.OBJECT, Type.ARRAY, Type.JSON), VARIANT),
    **dict.fromkeys(exp.DataType.TEMPORAL_TYPES, TIME),
    Type.BOOLEAN: BOOLEAN,
    Type.NULL: NULL,
}
BY_NODE: tuple[tuple[Any, Kind], ...] = (
    (
        (
            exp.ParseJSON, exp.JSONExtract, exp.GetExtract, exp.ToVariant, exp.Struct,
            exp.JSONObject, exp.Array, exp.ArrayAgg, exp.ObjectAgg, exp.Split, exp.StarMap,
            exp.JSONKeys, exp.StripNullValue, exp.ArrayConstructCompact, exp.ArrayConcat,
        ),
        VARIANT,
    ),
    (
        (
            exp.Predicate, exp.Not, exp.And, exp.Or, exp.Boolean, exp.ToBoolean, exp.IsNullValue,
            exp.Contains, exp.StartsWith, exp.EndsWith, exp.ArrayContains, exp.LogicalAnd,
            exp.LogicalOr,
        ),
        BOOLEAN,
    ),
    (
        (
            exp.JSONFormat, exp.JSONExtractScalar, exp.Typeof, exp.DPipe, exp.Concat, exp.ConcatWs,
            exp.Upper, exp.Lower, exp.Trim, exp.Substring, exp.Left, exp.Right, exp.Replace,
            exp.SplitPart, exp.GroupConcat, exp.ToChar, exp.TimeToStr, exp.Initcap, exp.Repeat,
            exp.RegexpReplace, exp.Pad, exp.ArrayToString, exp.MD5, exp.SHA2, exp.CurrentUser,
        ),
        TEXT,
    ),
    ((exp.Count, exp.CountIf, exp.RowNumber, exp.Rank, exp.DenseRank), Kind("fixed", 18)),
    (
        (
            exp.DateDiff, exp.Length, exp.StrPosition, exp.ArraySize, exp.Extract, exp.Year,
            exp.Month, exp.Day, exp.Hour, exp.Minute, exp.Second,
        ),
        Kind("fixed", 9),
    ),
    (
        (
            exp.CurrentTimestamp, exp.CurrentDate, exp.DateAdd, exp.TimestampTrunc,
            exp.TsOrDsToDate, exp.StrToTime, exp.UnixToTime, exp.ConvertTimezone, exp.DateTrunc,
        ),
        TIME,
    ),
    (
        (
            exp.Sqrt, exp.Exp, exp.Ln, exp.Pow, exp.Rand, exp.Stddev, exp.StddevSamp, exp.Variance,
            exp.StddevPop, exp.VariancePop, exp.ToDouble,
        ),
        REAL,
    ),
)  # fmt: skip


def of_type(kind: exp.Expr | None) -> Kind | None:
    """The kind of a declared type."""
    if not isinstance(kind, exp.DataType):
        return None
    if kind.this == Type.DECIMAL:
        sizes = [int(part.name) for part in kind.expressions if part.name.isdigit()]
        return Kind("fixed", *(sizes or [_WIDEST]))
    return _BY_TYPE.get(kind.this)


def of_name(name: str) -> Kind | None:
    """The kind of a column, by the engine's name of its type."""
    if name in ("VARIANT", "JSON"):
        return VARIANT
    if name in ("HUGEINT", "UBIGINT"):
        return FIXED
    return of_type(exp.DataType.build(name, dialect="duckdb", udt=True))


def of_literal(literal: exp.Literal) -> Kind:
    """The kind of a constant; zeros at the end of a number do not count."""
    if literal.is_string:
        return TEXT
    text = literal.name
    if "e" in text.lower():
        return REAL
    whole, _, rest = text.partition(".")
    rest = rest.rstrip("0")
    digits = len(whole.lstrip("0")) + len(rest)
    return Kind("fixed", min(max(digits, len(rest), 1), _WIDEST), len(rest))


def folded(kinds: list[Kind | None]) -> Kind | None:
    """The one type that branches have together; None where one is not known."""
    known = [kind for kind in kinds if kind != NULL]
    if not known:
        return NULL
    if any(kind is None for kind in known):
        return None
    families = {kind.family for kind in known if kind}
    if len(families) == 1:
        return _widest(known) if families == {"fixed"} else known[0]
    for pair, made in (
        ({"fixed", "real"}, REAL),
        ({"text", "real"}, REAL),
        ({"boolean", "fixed"}, BOOLEAN),
    ):
        if families == pair:
            return made
    if families == {"fixed", "text"}:
        numbers = [kind for kind in known if kind and kind.family == "fixed"]
        return _widest([*numbers, Kind("fixed", 18, 5)])
    rest = families - {"variant"}
    if len(rest) == 1:
        return _widest(others) if (others := [k for k in known if k != VARIANT]) else None
    return None


def _widest(kinds: list[Kind | None]) -> Kind | None:
    known = [kind for kind in kinds if kind]
    if any(kind.family != "fixed" for kind in known):
        return known[0]
    decimals = max(kind.decimals for kind in known)
    whole = max(kind.digits - kind.decimals for kind in known)
    return Kind("fixed", min(whole + decimals, _WIDEST), decimals)


def calculated(node: exp.Expr, left: Kind | None, right: Kind | None) -> Kind | None:
    """The type of an arithmetic expression of two operands."""
    if left is None or right is None:
        return None
    if {left.family, right.family} & {"real", "variant"}:
        return REAL
    if left.family != "fixed" or right.family != "fixed":
        return TIME if "time" in (left.family, right.family) else None
    if isinstance(node, exp.Div):
        return Kind("fixed", _WIDEST, quotient_decimals(left.decimals))
    if isinstance(node, exp.Mul):
        most = max(left.decimals, right.decimals, 12)
        return Kind("fixed", _WIDEST, min(left.decimals + right.decimals, most))
    return Kind("fixed", _WIDEST, max(left.decimals, right.decimals))


def quotient_decimals(decimals: int) -> int:
    """The decimals of a quotient or an average, by the decimals of the dividend."""
    return max(decimals, min(decimals + 6, 12))
