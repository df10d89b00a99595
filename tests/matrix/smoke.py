"""What every version of dbt must be able to do, each command by its own command line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from snowflake.connector import DictCursor

from tests.account.account import Account
from tests.matrix import hard_cases
from tests.matrix.hard_cases import Built, Host
from tests.repository import ROOT

PII = "{policy_name: pii_retention}"
# Warnings and deprecations of what the project does; a gate that only warns is no such thing.
WARNED = re.compile(r"\[WARNING\](?!.*is not in force)")


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
        tell: is called with each step when the step is done.

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
        self._step("build", "build", "--vars", "{policy_unit_tests_enabled: true}")
        self._step("docs", "docs", "generate")
        diagnose = ("run-operation", "diagnose_policy_execution", "--args", "{fail_on: error}")
        self._step("diagnose", *diagnose)
        undeploy = ("run-operation", "undeploy_policy_workflow", "--args", "{drop_data: true}")
        self._step("undeploy", *undeploy)
        consumer = self._consumer()
        self._step("deps", "deps", project=consumer)
        for operation in ("run_nightly_policy", "consumer.run_nightly_policy"):
            self._step(operation, "run-operation", operation, "--args", PII, project=consumer)
        args = "{policy_data: {policy_name: qualified}}"
        qualified = ("run-operation", "policy_workflow.run_policy_workflow", "--args", args)
        self._step("qualified", *qualified, project=consumer)
        self._step("consumer build", "build", project=consumer)
        self._step("consumer undeploy", *undeploy, project=consumer)
        self._hard_cases(consumer)
        return all(step.success for step in self.steps)

    def _step(self, name: str, *command: str, project: Path = ROOT) -> None:
        started = time.monotonic()
        ran = self._dbt(list(command), project)
        output = ran.stdout + ran.stderr
        success = ran.returncode == 0 and not WARNED.search(output)
        self._tell(Step(name, success, time.monotonic() - started, output))

    def _tell(self, step: Step) -> None:
        self.steps.append(step)
        self.tell(step)

    def _dbt(
        self, command: list[str], project: Path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        places = {"DBT_TARGET_PATH": str(self._target(project))}
        return subprocess.run(
            [self.dbt, "--no-use-colors", *command],
            cwd=project,
            env={**self.environment, **places, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def _target(self, project: Path) -> Path:
        return self.folder / f"target_{project.name}"

    def _hard_cases(self, consumer: Path) -> None:
        """Take the consumer through what must not hurt it, in the order of the cases."""
        log = Path(self.environment["DBT_LOG_PATH"]) / "dbt.log"
        account = Account.local(self.environment)

        def dbt(command: list[str], environment: dict[str, str]) -> Built:
            log.unlink(missing_ok=True)
            ran = self._dbt(command, consumer, **environment)
            output = ran.stdout + ran.stderr
            assert not WARNED.search(output), output
            sent = log.read_text(encoding="utf-8") if log.is_file() else ""
            return Built(ran.returncode == 0, output, sent)

        with account.connect(schema=self.environment["SNOWFLAKE_SCHEMA"]) as session:

            def query(sql: str) -> list[dict[str, Any]]:
                cursor: Any = session.cursor(DictCursor)
                return [dict(row) for row in cursor.execute(sql).fetchall()]

            host = Host(
                consumer,
                self._target(consumer),
                account.database,
                self.environment["SNOWFLAKE_SCHEMA"],
                dbt,
                query,
            )
            for case in hard_cases.all_cases():
                started = time.monotonic()
                try:
                    case(host)
                    wrong = ""
                except Exception:  # noqa: BLE001 - the other cases are run as well
                    wrong = traceback.format_exc()
                name = case.__name__.replace("_", " ")
                self._tell(Step(f"host: {name}", not wrong, time.monotonic() - started, wrong))

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
