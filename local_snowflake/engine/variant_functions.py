"""Functions that teach the engine VARIANT and fixed-point numbers.

The engine handles ordinary values by itself; it calls these functions for the others, row by row.
"""

# ruff: noqa: S608  # SQL is made of constants

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from duckdb import DuckDBPyConnection
from duckdb.sqltypes import BIGINT, BOOLEAN, DOUBLE, INTEGER, VARCHAR, DuckDBPyType

from local_snowflake.sql.errors import marked
from local_snowflake.values import variant_text as text
from local_snowflake.values.macro_place import PLACE
from local_snowflake.values.variant_compare import compare
from local_snowflake.values.variant_flatten import rows

JSON = DuckDBPyType("JSON")
_YES = frozenset({"true", "t", "yes", "y", "on", "1"})
_NO = frozenset({"false", "f", "no", "n", "off", "0"})
_UNNESTED = """CASE json_type(j)
    WHEN 'ARRAY' THEN list_transform(TRY_CAST(j AS JSON[]),
        lambda x, i: struct_pack(k := NULL::VARCHAR, i := i - 1, v := x))
    WHEN 'OBJECT' THEN list_transform(map_entries(TRY_CAST(j AS MAP(VARCHAR, JSON))),
        lambda x: struct_pack(k := x.key, i := NULL::BIGINT, v := x.value)) END"""
_KEY = """CASE WHEN regexp_full_match(e.k, '[A-Za-z_][A-Za-z0-9_$]*') THEN e.k
    ELSE '[''' || e.k || ''']' END"""


def _flatten(seq: str) -> str:
    return f"""(input) AS TABLE SELECT {seq} AS SEQ, e.k AS KEY,
        CASE WHEN e.k IS NULL THEN '[' || e.i || ']' ELSE {_KEY} END AS PATH,
        e.i AS INDEX, e.v AS VALUE, j AS THIS
        FROM (SELECT j, UNNEST({_UNNESTED}) AS e FROM (SELECT input AS j))"""


_MACROS = {
    "local_flatten": _flatten("hash(j)::UBIGINT"),
    "local_flatten_one": _flatten("1"),
    "local_flatten_all": """(r) AS TABLE SELECT CAST(e->'$[0]' AS BIGINT) AS SEQ,
        e->>'$[1]' AS KEY, e->>'$[2]' AS PATH, CAST(e->>'$[3]' AS BIGINT) AS INDEX,
        CASE WHEN e->>'$[4]' IS NULL THEN NULL ELSE CAST(e->>'$[4]' AS JSON) END AS VALUE,
        CASE WHEN e->>'$[5]' IS NULL THEN NULL ELSE CAST(e->>'$[5]' AS JSON) END AS THIS
        FROM (SELECT UNNEST(CAST(r AS JSON[])) AS e)""",
    # `m` is a text that has a mark wherever the value has one; `s` is the value as the engine reads
    # the value. The value itself is looked at only where there is a mark.
    "local_variant_text": f"""(m, s, x) AS CASE WHEN contains(m, '{text.MARK}')
        THEN local_py_text(x) ELSE s END""",
    "local_variant_date": """(x) AS coalesce(TRY_CAST(local_py_text(x) AS DATE),
        CAST(local_py_refused(x, 'DATE') AS DATE))""",
    "local_json_text": f"""(x) AS CASE WHEN contains(x, '{text.MARK}')
        THEN local_py_json(x) ELSE CAST(x AS VARCHAR) END""",
    "local_divided": "(a, b) AS CASE WHEN b = 0 THEN local_py_no_division(1) ELSE a / b END",
    "local_boolean": """(x) AS CASE lower(x) WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE
        ELSE CAST(x AS BOOLEAN) END""",
    "local_try_boolean": """(x) AS CASE lower(x) WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE
        ELSE TRY_CAST(x AS BOOLEAN) END""",
    "local_quotient": """(a, b, places) AS
        local_py_divided(CAST(a AS VARCHAR), CAST(b AS VARCHAR), places)""",
    "local_exact": "(x) AS local_py_exact(CAST(x AS VARCHAR))",
    "local_to_variant": """(x) AS CASE WHEN typeof(x) = 'DOUBLE'
            THEN local_py_double(TRY_CAST(x AS DOUBLE))
        WHEN starts_with(typeof(x), 'DECIMAL') THEN local_py_exact(CAST(x AS VARCHAR))
        ELSE to_json(x) END""",
    "local_item": "(x) AS coalesce(x, local_py_no_undefined(1))",
    "local_object": """(x) AS CASE WHEN json_type(x) = 'OBJECT' THEN x
        ELSE CAST(local_py_refused(x, 'OBJECT') AS JSON) END""",
    "local_array": """(x) AS CASE WHEN json_type(x) = 'ARRAY' THEN x
        WHEN json_type(x) = 'NULL' THEN NULL ELSE json_array(x) END""",
}


def teach(connection: DuckDBPyConnection) -> None:
    """Make the functions and the macros known to a database.

    Args:
        connection: any connection to the database.

    """
    for name, function, takes, makes in _FUNCTIONS:
        connection.create_function(
            name, function, list(takes), makes, null_handling="special"
        )  # fmt: skip
    for name, body in _MACROS.items():
        connection.execute(f"CREATE OR REPLACE MACRO {PLACE}{name}{body}")


def _parsed(given: str | None) -> str | None:
    if given is None:
        return None
    try:
        return text.canonical(given)
    except text.JsonError as error:
        raise marked(f"Error parsing JSON: {error}", 100069, "22P02") from None
    except text.UnknownHereError as error:
        raise marked(f"Unsupported feature '{error}'.", 2, "0A000") from None


def _tried(given: str | None) -> str | None:
    if given is None:
        return None
    try:
        return text.canonical(given)
    except text.JsonError:
        return None
    except text.UnknownHereError as error:
        raise marked(f"Unsupported feature '{error}'.", 2, "0A000") from None


def _refusal(kept: str, kind: str) -> Exception:
    shown = text.json_text(kept)
    return marked(f"Failed to cast variant value {shown} to {kind}", 100071, "22000")


def _refused(kept: str | None, kind: str | None) -> str | None:
    if kept is None or kept == "null":
        return None
    raise _refusal(kept, str(kind))


def _fixed(kept: str | None) -> str | None:
    if kept is None or kept == "null":
        return None
    found = text.number(kept)
    if found is None or not Decimal(found).is_finite():
        raise _refusal(kept, "FIXED")
    return found


def _real(kept: str | None) -> float | None:
    if kept is None or kept == "null":
        return None
    found = text.number(kept)
    if found is None:
        raise _refusal(kept, "REAL")
    return float(found)


def _boolean(kept: str | None) -> bool | None:
    if kept is None or kept == "null":
        return None
    if kept in ("true", "false"):
        return kept == "true"
    said = str(text.read(kept)).lower() if kept.startswith('"') else ""
    if said in _YES or said in _NO:
        return said in _YES
    raise _refusal(kept, "BOOLEAN")


def _divided(over: str | None, under: str | None, scale: int | None) -> str | None:
    if over is None or under is None or scale is None:
        return None
    a, b = Decimal(over), Decimal(under)
    if not b:
        raise _no_division()
    # With integers, halves are rounded away from zero, whatever the number of digits.
    places = max(-int(a.as_tuple().exponent), -int(b.as_tuple().exponent), 0)
    top = int(a.scaleb(places, text.EXACTLY)) * 10**scale
    bottom = int(b.scaleb(places, text.EXACTLY))
    rounded = (2 * abs(top) + abs(bottom)) // (2 * abs(bottom))
    sign = -1 if (top < 0) is not (bottom < 0) else 1
    return f"{Decimal(sign * rounded).scaleb(-scale, text.EXACTLY):f}"


def _no_division(_: int | None = None) -> Any:
    raise marked("Division by zero", 100051, "22012")


def _no_undefined(_: int | None) -> Any:
    raise marked("Unsupported feature 'a NULL in an ARRAY: undefined'.", 2, "0A000")


def _or_null(function: Callable[[str], Any]) -> Callable[[str | None], Any]:
    """The function, with NULL for NULL."""

    def of(kept: str | None) -> Any:
        return None if kept is None else function(kept)

    return of


def _double(value: float | None) -> str | None:
    return None if value is None else json.dumps(text.double(value), ensure_ascii=False)


def _exact(value: str | None) -> str | None:
    return None if value is None else text.write(text.exact(value))


def _sorted(kept: str | None) -> str | None:
    return None if kept is None else text.write(text.read(kept))


def _float_text(value: float | None) -> str | None:
    return None if value is None else text.float_text(value)


_FUNCTIONS: list[tuple[str, Callable[..., Any], tuple[Any, ...], Any]] = [
    ("local_py_parse", _parsed, (VARCHAR,), JSON),
    ("local_py_try_parse", _tried, (VARCHAR,), JSON),
    ("local_py_json", _or_null(text.json_text), (VARCHAR,), VARCHAR),
    ("local_py_text", _or_null(text.varchar), (VARCHAR,), VARCHAR),
    ("local_py_kind", _or_null(text.kind), (VARCHAR,), VARCHAR),
    ("local_py_fixed", _fixed, (VARCHAR,), VARCHAR),
    ("local_py_real", _real, (VARCHAR,), DOUBLE),
    ("local_py_boolean", _boolean, (VARCHAR,), BOOLEAN),
    ("local_py_refused", _refused, (VARCHAR, VARCHAR), VARCHAR),
    ("local_py_double", _double, (DOUBLE,), JSON),
    ("local_py_exact", _exact, (VARCHAR,), JSON),
    ("local_py_sorted", _sorted, (VARCHAR,), JSON),
    ("local_py_float_text", _float_text, (DOUBLE,), VARCHAR),
    ("local_py_compare", compare, (VARCHAR, VARCHAR), INTEGER),
    ("local_py_divided", _divided, (VARCHAR, VARCHAR, BIGINT), VARCHAR),
    ("local_py_no_division", _no_division, (INTEGER,), DOUBLE),
    ("local_py_no_undefined", _no_undefined, (INTEGER,), JSON),
    ("local_py_flatten", rows, (VARCHAR, VARCHAR, BOOLEAN, BOOLEAN, VARCHAR), JSON),
]
