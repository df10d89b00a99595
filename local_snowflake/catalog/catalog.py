"""What the engine has no place for: procedures, external access, secrets, grants and owners."""

from __future__ import annotations

import datetime
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


def now() -> str:
    """The time, as the catalog keeps it."""
    return datetime.datetime.now(datetime.UTC).isoformat()


@dataclass
class Made:
    """The owner of an object, when it was made, and what else the engine does not keep."""

    owner: str
    created_on: str | None
    comment: str | None
    text: str | None = None  # of a view: the statement that made it
    types: dict[str, str | None] | None = None  # of a view: its columns' types, where certain
    transient: bool = False


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
    owner: str
    artifact_repository: str | None = None

    @property
    def schema(self) -> str:
        """DATABASE.SCHEMA."""
        return self.name.rsplit(".", 1)[0]

    @property
    def short_name(self) -> str:
        """The name without database and schema."""
        return self.name.rsplit(".", 1)[1]

    @property
    def signature(self) -> str:
        """The arguments with their types, as `(A VARCHAR, B NUMBER)`."""
        pairs = zip(self.argument_names, self.argument_types, strict=True)
        return "(" + ", ".join(f"{name} {kind}" for name, kind in pairs) + ")"

    @property
    def key(self) -> str:
        """The name with the types: procedures are overloaded by the types of their arguments."""
        return f"{self.name}({', '.join(self.argument_types)})"


@dataclass
class Catalog:
    """All objects, by fully qualified name in upper case; every change is written to a file."""

    default_owner: str  # of objects that were made without a statement
    admin_roles: frozenset[str]  # these roles may do everything, whoever is the owner
    path: Path | None = None
    procedures: dict[str, Procedure] = field(default_factory=dict)
    network_rules: dict[str, list[str]] = field(default_factory=dict)
    integrations: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    grants: dict[str, list[str]] = field(default_factory=dict)
    users: dict[str, list[str]] = field(
        default_factory=dict
    )  # by user: the roles that were granted to the user
    made: dict[str, Made] = field(default_factory=dict)  # by kind and name: 'SECRET D.S.NAME'
    managed: list[str] = field(default_factory=list)  # schemas with managed access
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @classmethod
    def load(cls, path: Path | None, default_owner: str, admin_roles: frozenset[str]) -> Catalog:
        """Read the catalog of an earlier start, or begin an empty catalog."""
        catalog = cls(default_owner, admin_roles, path)
        if path and path.exists():
            stored = json.loads(path.read_text(encoding="utf-8"))
            catalog.procedures = {
                key: Procedure(**{"owner": default_owner, **value})
                for key, value in stored["procedures"].items()
            }
            catalog.network_rules = stored["network_rules"]
            catalog.integrations = stored["integrations"]
            catalog.secrets = stored["secrets"]
            catalog.grants = stored.get("grants", {})
            catalog.users = stored.get("users", {})
            catalog.managed = stored.get("managed", [])
            catalog.made = {key: Made(**value) for key, value in stored.get("made", {}).items()}
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
                    "users": self.users,
                    "managed": self.managed,
                    "made": {key: asdict(value) for key, value in self.made.items()},
                }
                beside = self.path.with_suffix(".new")
                beside.write_text(json.dumps(content), encoding="utf-8")
                os.replace(beside, self.path)  # noqa: PTH105  # atomic

    def note(self, kind: str, name: str, owner: str, comment: str | None = None) -> None:
        """Keep who owns an object that is made now; in a block of `changed`."""
        self.made[f"{kind} {name}"] = Made(owner, now(), comment)

    def made_by(self, kind: str, name: str) -> Made:
        """What is kept of an object; an unknown object belongs to the default role."""
        return self.made.get(f"{kind} {name}", Made(self.default_owner, None, None))

    def forget_place(self, place: str) -> None:
        """Forget a database or a schema with all that is in it, grants too; within `changed`."""

        def inside(text: str) -> bool:
            return text.endswith(f" {place}") or f" {place}." in text

        self.managed = [name for name in self.managed if not f"{name}.".startswith(f"{place}.")]
        for kept in (self.procedures, self.network_rules, self.secrets):
            for name in [name for name in kept if name.startswith(f"{place}.")]:
                kept.pop(name)
        for key in [key for key in self.made if inside(key)]:
            self.made.pop(key)
        for role, grants in self.grants.items():
            self.grants[role] = [grant for grant in grants if not inside(grant)]

    def allowed_hosts(self, integrations: list[str]) -> list[str]:
        """The host:port entries that a procedure with these integrations may reach."""
        return [
            entry
            for name in integrations
            for rule in self.integrations[name]["rules"]
            if self.integrations[name]["enabled"]
            for entry in self.network_rules.get(rule, [])
        ]
