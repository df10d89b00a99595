"""Tables of figures, as Markdown and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Table:
    """One part's figures: a column has a unit in its name, a target what it should come to."""

    title: str
    columns: list[str]
    rows: list[list[Any]] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)

    def target(self, what: str, figure: float, most: float) -> None:
        """Hold a figure against the most that it may be."""
        word = "held" if figure <= most else "MISSED"
        self.targets.append(f"{word}: {what} {figure:.2f}, at most {most:g}")

    def markdown(self) -> str:
        """The table, and its targets as a list."""
        lines = [
            f"## {self.title}",
            "",
            f"| {' | '.join(self.columns)} |",
            f"|{'---|' * len(self.columns)}",
            *(f"| {' | '.join(map(_cell, row))} |" for row in self.rows),
            "",
            *(f"- {target}" for target in self.targets),
        ]
        return "\n".join(lines).rstrip() + "\n"


def write(tables: list[Table], folder: Path) -> None:
    """Write results.md and results.json."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(table.markdown() for table in tables)
    (folder / "results.md").write_text(text, encoding="utf-8")
    kept = json.dumps([asdict(table) for table in tables], indent=2)
    (folder / "results.json").write_text(kept, encoding="utf-8")


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
