"""What each rule about values has at hand: the types of a statement, and how to change it."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from local_snowflake.values.value_scopes import Scopes
from local_snowflake.values.value_types import VARIANT, Kind


class Settling:
    """A statement that is being changed, from the inside out.

    Args:
        scopes: the types of its expressions.

    """

    def __init__(self, scopes: Scopes) -> None:
        self.scopes = scopes

    def of(self, node: exp.Expr | None) -> Kind | None:
        """Answer the type of an expression, also of an expression that a rule has made."""
        return self.scopes.of(node)

    def put(self, node: exp.Expr, made: exp.Expr, kind: Kind | None) -> None:
        """Put an expression of a known type in the place of another."""
        node.replace(made)
        self.scopes.note(made, kind)

    def each(self, node: exp.Expr, form: Callable[[exp.Expr], exp.Expr], kind: Kind) -> None:
        """Convert the operands that are VARIANT."""
        for value in list(node.args.values()):
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, exp.Condition) and self.of(one) == VARIANT:
                    self.put(one, form(one), kind)
