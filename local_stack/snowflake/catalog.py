"""The objects that fakesnow has no place for: procedures, external access, secrets, grants."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Procedure:
    """A stored procedure, as CREATE PROCEDURE declared it."""

    name: str  # DATABASE.SCHEMA.NAME
    argument_names: list[str]
    argument_types: list[str]
    optional_arguments: int
    returns: str
    body: str
    handler: str
    runtime_version: str
    packages: list[str]
    integrations: list[str]
    secrets: dict[str, str]
    execute_as: str
    comment: str | None
    created_on: str

    @property
    def schema(self) -> str:
        """DATABASE.SCHEMA."""
        return self.name.rsplit(".", 1)[0]

    @property
    def short_name(self) -> str:
        """The name without database and schema."""
        return self.name.rsplit(".", 1)[1]

    @property
    def key(self) -> str:
        """Procedures are overloaded by argument types (facts, 1.4)."""
        return f"{self.name}({', '.join(self.argument_types)})"


@dataclass
class Catalog:
    """Everything by fully qualified, upper-case name; written to a file at every change."""

    path: Path | None = None
    procedures: dict[str, Procedure] = field(default_factory=dict)
    network_rules: dict[str, list[str]] = field(default_factory=dict)
    integrations: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    grants: dict[str, list[str]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @classmethod
    def load(cls, path: Path | None) -> Catalog:
        """Read the catalog of an earlier start, or begin an empty one."""
        catalog = cls(path)
        if path and path.exists():
            stored = json.loads(path.read_text(encoding="utf-8"))
            catalog.procedures = {
                key: Procedure(**value) for key, value in stored["procedures"].items()
            }
            catalog.network_rules = stored["network_rules"]
            catalog.integrations = stored["integrations"]
            catalog.secrets = stored["secrets"]
            catalog.grants = stored.get("grants", {})
        return catalog

    @contextmanager
    def changed(self) -> Iterator[Catalog]:
        """Change the catalog; written atomically when the block ends without an error."""
        with self._lock:
            yield self
            if self.path:
                content = {
                    "procedures": {key: asdict(value) for key, value in self.procedures.items()},
                    "network_rules": self.network_rules,
                    "integrations": self.integrations,
                    "secrets": self.secrets,
                    "grants": self.grants,
                }
                beside = self.path.with_suffix(".new")
                beside.write_text(json.dumps(content), encoding="utf-8")
                os.replace(beside, self.path)  # noqa: PTH105  # atomic

    def allowed_hosts(self, integrations: list[str]) -> list[str]:
        """The host:port entries that a procedure with these integrations may reach."""
        return [
            entry
            for name in integrations
            for rule in self.integrations[name]["rules"]
            if self.integrations[name]["enabled"]
            for entry in self.network_rules.get(rule, [])
        ]
