"""Bundle `procedures/` into the one source that the registration macro carries.

dbt's Jinja cannot read files, so the source is generated and committed:
`python -m tools.bundle` writes it, `python -m tools.bundle --check` fails when stale.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "procedures"
TARGET = FOLDER.parent / "macros" / "deploy" / "_procedure_body.sql"
# In the order in which they depend on each other.
MODULES = (
    "settings",
    "failpoints",
    "printable",
    "strict_json",
    "answer_json",
    "redaction",
    "request",
    "bound_json",
    "rate_limiter",
    "ownership",
    "transport",
    "retry",
    "api_outcome",
    "answer_words",
    "signs",
    "judgement",
    "answer_reading",
    "authorization",
    "policy_api",
    "execution",
    "history",
    "statements",
    "history_statements",
    "read_statements",
    "database",
    "restoring",
    "execution_state",
    "policy_value",
    "claim_statements",
    "claiming",
    "steps",
    "policy_source",
    "create_policy",
    "poll_policy_status",
    "trigger_circuit_breaker",
    "cancel_policy_execution",
    "check_policy_api",
    "advance_policy_workflow",
)
SETTINGS_NAME = "POLICY_WORKFLOW_SETTINGS"
# Neither may stand in a body: the one ends it in SQL, the others in Jinja.
FORBIDDEN = ("$$", "endraw", "{% raw", "{%- raw")


class BundleError(Exception):
    """The modules cannot be made into one source."""


def bundle(sources: dict[str, str]) -> str:
    """Make one Python source of the modules, given as name → text in order of dependence.

    Raises:
        BundleError: a name stands in two modules, an import of our own has an alias, or the
            result holds what neither SQL nor Jinja can carry, or does not compile.

    """
    imports: list[str] = []
    parts: list[str] = []
    owners: dict[str, str] = {}
    for name, text in sources.items():
        body, module_imports = _body(name, text)
        imports += [line for line in module_imports if line not in imports]
        for defined in _top_level_names(name, text):
            if defined in owners:
                raise BundleError(f"{defined} is defined in {owners[defined]} and in {name}")
            owners[defined] = name
        parts.append(f"# --- {name}.py\n{body}")
    # Annotations are values: as texts, a dataclass looks its module up in `sys.modules`, where
    # Snowflake does not have it (facts, 00).
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


def _body(name: str, text: str) -> tuple[str, list[str]]:
    """Split a module into its imports from elsewhere and its body without any import."""
    tree = ast.parse(text)
    lines = text.splitlines()
    imports: list[str] = []
    drop: set[int] = set()
    for node in tree.body:
        typing_only = (
            isinstance(node, ast.If)
            and isinstance(node.test, ast.Name)
            and node.test.id == "TYPE_CHECKING"
        )
        docstring = (
            node is tree.body[0]
            and isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
        )
        if not (isinstance(node, ast.Import | ast.ImportFrom) or typing_only or docstring):
            continue
        drop |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        if isinstance(node, ast.Import | ast.ImportFrom):
            ours = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("procedures")
            if ours and any(alias.asname for alias in node.names):
                raise BundleError(f"{name}: an import of our own cannot have an alias")
            future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
            if not ours and not future:
                imports.append(ast.unparse(node))
    kept = [line for number, line in enumerate(lines, 1) if number not in drop]
    return "\n".join(kept).strip(), imports


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
    found = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    if found != set(MODULES):
        raise BundleError(f"MODULES does not list {sorted(found ^ set(MODULES))}")
    sources = {name: (FOLDER / f"{name}.py").read_text(encoding="utf-8") for name in MODULES}
    return macro(bundle(sources))


def main(arguments: list[str]) -> int:
    """Write the macro file, or with --check say whether it is current."""
    text = generate()
    current = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
    if "--check" in arguments:
        if text == current:
            return 0
        sys.stderr.write(f"{TARGET.name} is stale: run `make bundle` and commit the result\n")
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
