"""Make the app's one file from the modules of `report/`.

An app for Streamlit in Snowflake is easiest to deploy as one file. So `report/app.py` and the
modules that it imports are joined: `python -m tools.app` writes the file, and
`python -m tools.app --check` fails when the file is stale.
"""

from __future__ import annotations

import ast
import symtable
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from tools.generated import without_imports, write_or_check

PACKAGE = "report"
ENTRY = "app"
FOLDER = Path(__file__).parents[1] / PACKAGE
TARGET = FOLDER / "policy_dashboard.py"
NOTICE = (
    "# Generated from the modules of report/ by `make generate`; do not edit. Only DATABASE and\n"
    "# SCHEMA, below, may be set in a copy that is deployed.\n"
)
RULE = 100


class AppError(Exception):
    """The modules cannot be joined; the text says which module and why."""


def generate() -> str:
    """Make the text of the one file from the modules as they are on disk."""
    paths = [path for path in FOLDER.glob("*.py") if path != TARGET]
    return one_file({path.stem: path.read_text(encoding="utf-8") for path in paths}, ENTRY)


def one_file(sources: Mapping[str, str], entry: str) -> str:
    """Join a module and the modules that it imports.

    Args:
        sources: the texts of the modules, by name.
        entry: the module that comes last, and gives the file its docstring.

    Raises:
        AppError: modules import each other in a circle; an import of our own has a form that
            cannot be joined; or a name has two meanings.

    """
    trees = {name: ast.parse(text) for name, text in sources.items()}
    names = in_order(trees, entry)
    _check_names({name: sources[name] for name in names})
    docstring = ast.get_docstring(trees[entry])
    head = f'{NOTICE}"""{docstring}\n"""\n\nfrom __future__ import annotations\n\n'
    imports = _imports([trees[name] for name in names])
    parts = [_part(name, sources[name], trees[name]) for name in names]
    return head + imports + "\n" + "\n\n".join(parts)


def in_order(trees: Mapping[str, ast.Module], entry: str) -> list[str]:
    """List a module and the modules that it imports, so that each stands after its imports.

    Raises:
        AppError: modules import each other in a circle, or import a module that is missing.

    """
    ordered: list[str] = []

    def add(name: str, importers: tuple[str, ...]) -> None:
        if name in importers:
            raise AppError(f"a circle of imports: {' → '.join((*importers, name))}")
        if name not in trees:
            raise AppError(f"{importers[-1]} imports {name}, which is no module of {PACKAGE}")
        for imported in _own_imports(name, trees[name]):
            if imported not in ordered:
                add(imported, (*importers, name))
        ordered.append(name)

    add(entry, ())
    return ordered


def _own_imports(name: str, tree: ast.Module) -> list[str]:
    """List the modules of the package that a module imports."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            if any(alias.name.split(".")[0] == PACKAGE for alias in node.names):
                raise AppError(f"{name}: import names from a module of our own, not the module")
        elif isinstance(node, ast.ImportFrom) and (node.level or _is_own(node)):
            if node not in tree.body:
                raise AppError(f"{name}: an import of our own stands at the top of a module")
            if node.level or node.module == PACKAGE or any(alias.asname for alias in node.names):
                raise AppError(
                    f"{name}: an import of our own has the form `from {PACKAGE}.module import name`"
                )
            found.append((node.module or "").removeprefix(f"{PACKAGE}."))
    return found


def _is_own(node: ast.ImportFrom) -> bool:
    return (node.module or "").split(".")[0] == PACKAGE


def _check_names(sources: Mapping[str, str]) -> None:
    """Refuse a name that two modules define, and a name that means something else elsewhere."""
    meanings: dict[str, str] = {}
    for name, text in sources.items():
        defined = {
            symbol.get_name(): f"defined in {name}"
            for symbol in symtable.symtable(text, name, "exec").get_symbols()
            if symbol.is_assigned() and not symbol.is_imported()
        }
        for bound, meaning in (defined | _imported(ast.parse(text))).items():
            other = meanings.setdefault(bound, meaning)
            if other != meaning:
                raise AppError(f"{bound} is {other}, and in {name} it is {meaning}")


def _imported(tree: ast.Module) -> dict[str, str]:
    """Map the names that a module imports from elsewhere to what they mean."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = f"the module {alias.name}"
        elif isinstance(node, ast.ImportFrom) and not _is_own(node):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{alias.name} of {node.module}"
    return found


def _imports(trees: Iterable[ast.Module]) -> str:
    """Write the imports from elsewhere, in the order that ruff wants."""
    modules: set[str] = set()
    members: dict[str, set[str]] = {}
    for node in (node for tree in trees for node in tree.body):
        if isinstance(node, ast.Import):
            modules |= {ast.unparse(alias) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not _is_own(node):
            members.setdefault(node.module or "", set()).update(map(ast.unparse, node.names))
    members.pop("__future__", None)
    lines = [(module, f"import {module}") for module in sorted(modules)] + [
        (module, f"from {module} import {', '.join(sorted(members[module]))}")
        for module in sorted(members)
    ]
    standard: list[str] = []
    others: list[str] = []
    for module, line in lines:
        root = module.split(".")[0].split(" ")[0]
        (standard if root in sys.stdlib_module_names else others).append(line)
    return "\n".join([*standard, "", *others]) + "\n"


def _part(name: str, text: str, tree: ast.Module) -> str:
    """Write one module without its imports and its docstring, below a line with its name."""
    body = without_imports(text)
    rule = f"# --- {name}.py ".ljust(RULE, "-")
    about = (ast.get_docstring(tree) or "").partition("\n")[0]
    between = "\n\n" if body.startswith(("@", "class ", "def ")) else "\n"
    return f"{rule}\n# {about}\n{between}{body}\n"


def main(arguments: list[str]) -> int:
    """Write the file, or with --check say whether it is current."""
    return write_or_check({TARGET: generate()}, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
