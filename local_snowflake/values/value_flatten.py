"""FLATTEN: the arguments that it takes, and the expression of DuckDB for it."""

from __future__ import annotations

from sqlglot import exp

from local_snowflake.sql.errors import compilation_error, unsupported
from local_snowflake.values import value_forms as forms
from local_snowflake.values.value_scopes import Scopes
from local_snowflake.values.value_types import BOOLEAN, NULL, TEXT, VARIANT, Kind

_PARAMETERS = ("INPUT", "PATH", "OUTER", "RECURSIVE", "MODE")
_TYPES = {"PATH": TEXT, "OUTER": BOOLEAN, "RECURSIVE": BOOLEAN, "MODE": TEXT}
_DEFAULTS = {"PATH": "", "OUTER": False, "RECURSIVE": False, "MODE": "BOTH"}


def flattened(node: exp.Expr, scopes: Scopes) -> exp.Table | None:
    """The table of a FLATTEN; None of another table function.

    Args:
        node: a lateral or TABLE(...); not changed.
        scopes: the types of the statement.

    Raises:
        ProgrammingError: as Snowflake does, for arguments that FLATTEN does not take.

    """
    if not isinstance(node.this, exp.Explode):
        return None
    given = _arguments(node.this, scopes)
    source = given.pop("INPUT", None)
    if source is None:
        message = "missing required argument [INPUT] for function [FLATTEN]"
        raise compilation_error(message, 1044, "42P13")
    options = {name: _constant(name, value) for name, value in given.items()}
    mode = str(options.get("MODE", "BOTH")).upper()
    if mode not in ("BOTH", "ARRAY", "OBJECT"):
        message = f"Bad flattening mode '{mode}' (not 'BOTH', 'ARRAY', or 'OBJECT')"
        raise compilation_error(message, 1007, "22023")
    is_one = source.find(exp.Column) is None
    if not is_one and _reads_seq(node):
        raise unsupported("SEQ of a FLATTEN of rows")
    if all(options.get(name, default) == default for name, default in _DEFAULTS.items()):
        name = "local_flatten_one" if is_one else "local_flatten"
        function = forms.macro(name, source.copy())
    else:
        rest = [exp.convert(options.get(key, default)) for key, default in _DEFAULTS.items()]
        rest[-1] = exp.Literal.string(mode)
        rows = forms.call("local_py_flatten", source.copy(), *rest)
        function = forms.macro("local_flatten_all", rows)
    return exp.Table(this=function, alias=node.args.get("alias"))


def _arguments(explode: exp.Explode, scopes: Scopes) -> dict[str, exp.Expr]:
    found: dict[str, exp.Expr] = {}
    for index, one in enumerate([explode.this, *explode.expressions]):
        if isinstance(one, exp.Kwarg):
            name, value, label = one.this.name.upper(), one.expression, one.this.name.upper()
        else:
            name, value = _PARAMETERS[min(index, len(_PARAMETERS) - 1)], one
            label = str(index + 1)
        if name not in _PARAMETERS:
            message = (
                f"invalid argument for function [FLATTEN] unexpected argument [{name}] "
                f"at position {index + 1},"
            )
            raise compilation_error(message, 1044, "42P13")
        kind = scopes.of(value)
        wanted = _TYPES.get(name, VARIANT)
        if kind not in (None, NULL, wanted):
            message = f"invalid type [{_named(value, kind)}] for parameter '{label}'"
            raise compilation_error(message, 1044, "42P13")
        found[name] = value
    return found


def _named(value: exp.Expr, kind: Kind | None) -> str:
    if kind == TEXT:
        return f"VARCHAR({len(value.name) if isinstance(value, exp.Literal) else 16777216})"
    return kind.named() if kind else ""


def _constant(name: str, value: exp.Expr) -> str | bool:
    if isinstance(value, exp.Boolean):
        return bool(value.this)
    if isinstance(value, exp.Literal):
        return value.name
    raise unsupported(f"{name} of FLATTEN that is no constant")


def _reads_seq(node: exp.Expr) -> bool:
    query = node.find_ancestor(exp.Select)
    return query is not None and any(
        isinstance(column.this, exp.Identifier) and column.name.upper() == "SEQ"
        for column in query.find_all(exp.Column)
    )
