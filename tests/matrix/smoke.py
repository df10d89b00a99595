"""What every version of dbt must be able to do, each command by its own command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.account.account import Account
from tests.repository import ROOT

PII = "{policy_name: pii_retention}"


@dataclass
class Step:
    """One command, and what it came to."""

    name: str
    success: bool
    seconds: float
    output: str


class Smoke:
    """Runs the commands of one dbt against a local stack, in a schema of its own.

    Args:
        dbt: the command.
        environment: what the local stack sets.
        schema: where it all happens.
        folder: for the consumer project, and for what dbt writes.
        tell: is told of each step when it is done.

    """

    def __init__(
        self,
        dbt: Path,
        environment: dict[str, str],
        schema: str,
        folder: Path,
        tell: Callable[[Step], None],
    ) -> None:
        self.dbt = dbt
        self.tell = tell
        self.folder = folder
        self.environment = {
            **os.environ,
            **environment,
            "SNOWFLAKE_SCHEMA": schema,
            "DBT_LOG_PATH": str(folder / "logs"),
        }
        self.steps: list[Step] = []

    def run(self) -> bool:
        """Run everything, the rest also after a failure; answers whether all went well."""
        self._step("parse", "parse", "--no-partial-parse")
        self._step("run", "run-operation", "run_policy_workflow")
        self._step("build", "build")
        self._step("docs", "docs", "generate")
        diagnose = ("run-operation", "diagnose_policy_execution", "--args", "{fail_on: error}")
        self._step("diagnose", *diagnose)
        consumer = self._consumer()
        self._step("deps", "deps", project=consumer)
        for operation in ("run_nightly_policy", "consumer.run_nightly_policy"):
            self._step(operation, "run-operation", operation, "--args", PII, project=consumer)
        args = "{policy_data: {policy_name: qualified}}"
        qualified = ("run-operation", "policy_workflow.run_policy_workflow", "--args", args)
        self._step("qualified", *qualified, project=consumer)
        self._step("consumer build", "build", project=consumer)
        self._step(
            "undeploy", "run-operation", "undeploy_policy_workflow", "--args", "{drop_data: true}"
        )
        return all(step.success for step in self.steps)

    def _step(self, name: str, *command: str, project: Path = ROOT) -> None:
        started = time.monotonic()
        target = self.folder / f"target_{project.name}"
        ran = subprocess.run(
            [self.dbt, "--no-use-colors", *command],
            cwd=project,
            env={**self.environment, "DBT_TARGET_PATH": str(target)},
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.monotonic() - started
        self.steps.append(Step(name, ran.returncode == 0, seconds, ran.stdout + ran.stderr))
        self.tell(self.steps[-1])

    def _consumer(self) -> Path:
        """Copy the consumer project, as this version writes it."""
        consumer = self.folder / "consumer"
        shutil.copytree(ROOT / "tests" / "integration" / "consumer_project", consumer)
        packages = consumer / "packages.yml"
        text = packages.read_text(encoding="utf-8").replace("POLICY_WORKFLOW", str(ROOT))
        packages.write_text(text, encoding="utf-8")
        if not self._takes_arguments():
            sources = consumer / "models" / "sources.yml"
            found = yaml.safe_load(sources.read_text(encoding="utf-8"))
            sources.write_text(yaml.safe_dump(without_arguments(found)), encoding="utf-8")
        account = Account.local(self.environment)
        with account.connect(schema=self.environment["SNOWFLAKE_SCHEMA"]) as session:
            session.cursor().execute("create table raw_customers (customer_id number)")
        return consumer

    def _takes_arguments(self) -> bool:
        """Whether generic tests have their arguments under `arguments`: since dbt-core 1.10.5."""
        python = self.dbt.with_name("python")
        asked = "import importlib.metadata as m; print(m.version('dbt-core'))"
        said = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True)
        return tuple(int(part) for part in said.stdout.split(".")[:3]) >= (1, 10, 5)


def without_arguments(node: Any) -> Any:
    """Take the key `arguments` of generic tests away, as dbt before 1.10.5 wants it."""
    if isinstance(node, list):
        return [without_arguments(item) for item in node]
    if not isinstance(node, dict):
        return node
    flat = {**node, **node.get("arguments", {})}
    flat.pop("arguments", None)
    return {key: without_arguments(value) for key, value in flat.items()}
