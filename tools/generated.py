"""What the generators of files share."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def write_or_check(texts: Mapping[Path, str], arguments: Sequence[str]) -> int:
    """Write files that are not as they should be, or with --check name them; answers an exit code.

    Args:
        texts: what each file should hold.
        arguments: those of the command line.

    """
    stale = {
        path: text
        for path, text in texts.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    if "--check" in arguments:
        for path in stale:
            sys.stderr.write(
                f"{os.path.relpath(path)} is stale: run `make generate` and commit the result\n"
            )
        return 1 if stale else 0
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8")
    return 0


def is_typing(node: ast.stmt) -> bool:
    """Whether a statement is `if TYPE_CHECKING:`."""
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def is_constant(node: ast.stmt) -> bool:
    """Whether a statement is a mere constant, as a docstring is."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def without_imports(text: str) -> str:
    """The text of a module without its docstring and its imports, those for types included."""
    dropped: set[int] = set()
    for number, node in enumerate(ast.parse(text).body):
        docstring = number == 0 and is_constant(node)
        if docstring or isinstance(node, ast.Import | ast.ImportFrom) or is_typing(node):
            dropped |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    kept = [line for number, line in enumerate(text.splitlines(), 1) if number not in dropped]
    return "\n".join(kept).strip()
