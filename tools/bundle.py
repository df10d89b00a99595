"""Bundle `procedures/` into the one source that the registration macro carries.

dbt's Jinja cannot read files, so the source is generated and committed:
`python -m tools.bundle` writes the file, `python -m tools.bundle --check` fails when it is stale.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tools.generated import is_constant, is_typing, without_imports, write_or_check

PACKAGE = "procedures"
FOLDER = Path(__file__).parents[1] / PACKAGE
TARGET = FOLDER.parent / "macros" / "generated" / "_procedure_body.sql"
SETTINGS_NAME = "POLICY_WORKFLOW_SETTINGS"
# Neither may stand in a body: the one ends it in SQL, the others in Jinja.
FORBIDDEN = ("$$", "endraw", "{% raw", "{%- raw")


class BundleError(Exception):
    """The modules cannot be made into one source."""


def read_modules(folder: Path = FOLDER) -> dict[str, str]:
    """Read the modules: their texts by name, such as `http.transport`.

    Raises:
        BundleError: an `__init__.py` holds more than its docstring, which no module would get.

    """
    sources: dict[str, str] = {}
    for path in sorted(folder.rglob("*.py")):
        name = ".".join(path.relative_to(folder).with_suffix("").parts)
        text = path.read_text(encoding="utf-8")
        if path.name != "__init__.py":
            sources[name] = text
        elif not all(map(is_constant, ast.parse(text).body)):
            raise BundleError(f"{name} holds more than a docstring")
    return sources


def in_order(sources: Mapping[str, str]) -> list[str]:
    """Order modules room by room, so that each one stands after all that it imports.

    Raises:
        BundleError: modules or rooms import each other in a circle, or a module imports what the
            bundle cannot resolve.

    """
    imports = {name: set(_imported(name, text, sources)) for name, text in sources.items()}
    modules = _sorted("modules", imports)
    rooms: dict[str, set[str]] = {}
    for name, found in imports.items():
        rooms.setdefault(_room(name), set()).update(map(_room, found))
    order = _sorted("rooms", {room: found - {room} for room, found in rooms.items()})
    return sorted(modules, key=lambda name: order.index(_room(name)))


def _room(name: str) -> str:
    return name.rpartition(".")[0] or PACKAGE


def _sorted(kind: str, imports: Mapping[str, set[str]]) -> list[str]:
    """Sort names topologically; names of one rank stand in the order of the alphabet."""
    sorter = TopologicalSorter(dict(sorted(imports.items())))
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " imports ".join(reversed(error.args[1]))
        raise BundleError(f"{kind} import each other in a circle: {circle}") from error
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return order


def bundle(sources: Mapping[str, str]) -> str:
    """Make one Python source of the modules, given as texts by name.

    Raises:
        BundleError: the modules have no order, a name stands in two modules, or the result holds
            what neither SQL nor Jinja can carry, or does not compile.

    """
    imports: list[str] = []
    parts: list[str] = []
    owners: dict[str, str] = {}
    for name in in_order(sources):
        imports += [line for line in _imports_from_elsewhere(sources[name]) if line not in imports]
        for defined in _top_level_names(name, sources[name]):
            if defined in owners:
                raise BundleError(f"{defined} is defined in {owners[defined]} and in {name}")
            owners[defined] = name
        parts.append(f"# --- {name.replace('.', '/')}.py\n{without_imports(sources[name])}")
    # Annotations are values: as texts, a dataclass looks its module up in `sys.modules`, where
    # Snowflake does not have the module (docs/snowflake_facts.md#create-procedure).
    source = "\n\n\n".join(["\n".join(imports), *parts])
    for text in FORBIDDEN:
        if text in source:
            raise BundleError(f"the bundled source holds {text!r}")
    try:
        compile(source, "_udf_code.py", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise BundleError(f"the bundled source does not compile: {error}") from error
    return source.rstrip() + "\n"


def macro(source: str) -> str:
    """Wrap the source in the macro that renders it with the settings of the registration."""
    line = f'{SETTINGS_NAME} = "{{}}"\n'
    head, found, tail = source.partition(line)
    if not found:
        raise BundleError(f"{SETTINGS_NAME} is not assigned as expected")
    return (
        "{#- Generated from procedures/ by `make bundle`; do not edit. -#}\n"
        "{% macro _procedure_body(settings_json) -%}\n"
        f"{{% raw %}}{head}{SETTINGS_NAME} = {{% endraw %}}{{{{ tojson(settings_json) }}}}"
        f"{{% raw %}}\n{tail}{{% endraw %}}\n"
        "{%- endmacro %}\n"
    )


def _imported(name: str, text: str, sources: Mapping[str, str]) -> Iterator[str]:
    """Name the modules of the package that a module imports, for type checking or not.

    Raises:
        BundleError: an import of the package has an alias, stands inside a function, or names
            anything but a module of `sources`.

    """
    tree = ast.parse(text)
    at_top = [node for top in tree.body for node in (ast.walk(top) if is_typing(top) else [top])]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = ["." * node.level + (node.module or "")]
        else:
            continue
        for module in modules:
            if module.split(".")[0] not in ("", PACKAGE):
                continue
            if any(alias.asname for alias in node.names):
                raise BundleError(f"{name}: an import of our own cannot have an alias")
            if node not in at_top:
                raise BundleError(f"{name}: the import of {module} stands inside a function")
            imported = module.removeprefix(f"{PACKAGE}.")
            if isinstance(node, ast.Import) or imported not in sources:
                raise BundleError(
                    f"{name} imports {module}; it must import names from a module of {PACKAGE}"
                )
            yield imported


def _imports_from_elsewhere(text: str) -> list[str]:
    """The imports of a module that the one source keeps."""
    imports: list[str] = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom):
            is_kept = (node.module or "").split(".")[0] not in (PACKAGE, "__future__")
        else:
            is_kept = isinstance(node, ast.Import)
        if is_kept:
            imports.append(ast.unparse(node))
    return imports


def _top_level_names(name: str, text: str) -> list[str]:
    names: list[str] = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.append(node.target.id)
    duplicates = {item for item in names if names.count(item) > 1}
    if duplicates:
        raise BundleError(f"{name} defines {sorted(duplicates)} twice")
    return names


def generate() -> str:
    """Make the macro file's text from the modules as they are on disk."""
    return macro(bundle(read_modules()))


def main(arguments: list[str]) -> int:
    """Write the macro file, or with --check say whether it is current."""
    return write_or_check({TARGET: generate()}, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
