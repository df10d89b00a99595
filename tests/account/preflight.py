"""Looks whether an account and a policy API have what the tests need, and says what is missing."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from snowflake.connector import DictCursor
from snowflake.connector.errors import Error

from local_stack.cli import CONTROL_VARIABLE
from local_stack.policy_api.policies import SUCCESS
from tests.account.account import PREFIX, VARS_VARIABLE, Account, OwnSchemas
from tests.account.policy_api import ReachedApi
from tests.account.sign_in import NEEDED, NoWayInError
from tests.integration.workflow import Workflow

API = "POLICY_API_BASE_URL"
SECONDS = 30
POLLS = 3
ONE_TRY = {"policy_poll_interval_seconds": 1, "policy_api_max_retries": 0}
SET_UP = "dbt run-operation policy_workflow_setup_sql (docs/snowflake.md)"
# What the doctor finds out about a place where nothing is deployed yet, integrations aside.
_DOCTORS = ("role", "warehouse", "QUOTED_IDENTIFIERS_IGNORE_CASE", "TIMEZONE", "network rule")
_MARKS = {"ok": "✅", "warn": "⚠️ ", "skipped": "· ", "error": "❌"}


class Preflight:
    """One look, line by line; it leaves nothing behind.

    Args:
        environment: the variables that the tests would read.
        say: takes each line.

    """

    def __init__(self, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
        self.complete = True
        self._environment = environment
        self._say = say

    def run(self) -> bool:
        """Look at everything that can be looked at; answers whether nothing is missing."""
        api = self._policy_api()
        account = self._account()
        if account and self._database(account):
            with OwnSchemas(account) as schemas:
                self._place(account, schemas, api)
        return self.complete

    def _tell(self, level: str, what: str, says: str, next_step: str | None = None) -> None:
        self._say(f"{_MARKS[level]} {what}: {' '.join(says.split())}")
        if next_step:
            self._say(f"     next: {next_step}")
        self.complete = self.complete and level != "error"

    # --- the policy API ---------------------------------------------------------------------------

    def _policy_api(self) -> ReachedApi | None:
        """The API, where it answers as a policy API does."""
        url = self._environment.get(API, "")
        parts = urlsplit(url)
        if not parts.hostname or parts.username or parts.scheme not in ("http", "https"):
            self._tell(
                "error",
                API,
                "is no http or https URL without a user" if url else "not set",
                f"export {API}=https://... of a policy API that Snowflake can reach; a stack of "
                "ours is python -m local_stack policy-api",
            )
            return None
        try:
            self._one_policy(url.rstrip("/"))
        except (requests.RequestException, ValueError) as error:
            self._tell(
                "error",
                API,
                f"{parts.hostname}: {error}",
                "the three endpoints must answer as local_stack/policy_api/openapi.yaml says",
            )
            return None
        api = ReachedApi(url, self._environment.get(CONTROL_VARIABLE))
        self._tell("ok", API, f"{api.host}:{api.port} creates, reports and triggers a policy")
        if api.controllable:
            self._tell("ok", "control endpoints", "behaviour can be ordered")
        else:
            self._tell(
                "skipped",
                "control endpoints",
                "not there; tests that order behaviour or read the journal will be skipped",
                f"only python -m local_stack policy-api has them, for the token in "
                f"{CONTROL_VARIABLE}",
            )
        return api

    @staticmethod
    def _one_policy(url: str) -> None:
        """Take a policy through the three steps, from here.

        Raises:
            RequestException: it does not answer, or refuses.
            ValueError: what it answers is not what a policy API says.

        """

        def ask(method: str, path: str, body: Any = None) -> dict[str, Any]:
            answer = requests.request(
                method, f"{url}{path}", json=body, timeout=SECONDS, allow_redirects=False
            )
            if not answer.ok:
                raise ValueError(f"{method} {path} answers HTTP {answer.status_code}")
            try:
                found = answer.json()
            except ValueError:
                found = None
            if answer.status_code >= 300 or not isinstance(found, dict):
                raise ValueError(f"{method} {path} answers no JSON object")
            return found

        created = ask("POST", "/createpolicy", {"policy_name": "preflight"})
        policy_id = created.get("policy_id") or created.get("id")
        if not policy_id:
            raise ValueError("POST /createpolicy answers without a policy_id")
        seen: list[Any] = []
        while not seen or str(seen[-1]).lower() not in SUCCESS:
            if len(seen) == POLLS:
                raise ValueError(f"GET /policy/{policy_id} reports {seen}, none that is a success")
            time.sleep(1 if seen else 0)
            seen.append(ask("GET", f"/policy/{policy_id}").get("status"))
        trigger = {
            "policy_id": policy_id,
            "execution_id": created.get("execution_id") or "preflight",
            "trigger_reason": "preflight",
        }
        ask("POST", "/circuit", trigger)

    # --- the account ------------------------------------------------------------------------------

    def _account(self) -> Account | None:
        """The account, where it can be signed in to."""
        missing = [name for name in NEEDED if not self._environment.get(name)]
        for name in missing:
            self._tell("error", name, "not set", f"export {name}=...")
        try:
            account = Account.from_environment(self._environment)
        except NoWayInError as error:
            self._tell("error", "sign-in", "no way is named", str(error))
            return None
        except ValueError as error:
            self._tell("error", VARS_VARIABLE, f"is no JSON: {error}", "a JSON object of dbt vars")
            return None
        if missing:
            return None
        try:
            with account.connect(database=None, schema=None) as session:
                row = _rows(session, "select current_account() as a, current_user() as u")[0]
        except (Error, ValueError, OSError) as error:
            self._tell(
                "error",
                "sign-in",
                f"as {account.environment['SNOWFLAKE_USER']} with role {account.role}: "
                f"{getattr(error, 'msg', None) or error}",
                "correct SNOWFLAKE_*; profiles.example.yml says which way needs which; or: grant "
                f"role {account.role} to user {account.environment['SNOWFLAKE_USER']}",
            )
            return None
        who = f"account {row['A']}, user {row['U']}, role {account.role}"
        self._tell("ok", "sign-in", f"{who}, as {account.environment['DBT_TARGET']}")
        return account

    def _database(self, account: Account) -> bool:
        """Whether the database is there; what earlier runs left in it is listed."""
        with account.connect(database=None, schema=None) as session:
            shown = _rows(session, f"show databases like '{account.database}'")
            if account.database not in [row["name"] for row in shown]:
                self._tell(
                    "error",
                    "database",
                    f"{account.database} does not exist, or role {account.role} may not see it",
                    f"create database {account.database}; or: grant usage on database "
                    f"{account.database} to role {account.role}",
                )
                return False
            self._tell("ok", "database", account.database)
            left = _rows(session, f"show schemas like '{PREFIX}%' in database {account.database}")
        if left:
            names = ", ".join(row["name"] for row in left[:3])
            self._tell(
                "warn",
                "other runs",
                f"{len(left)} schema(s) of other runs, such as {names}",
                "none, if they are under way; drop schema ... by hand, if they were killed",
            )
        return True

    def _place(self, account: Account, schemas: OwnSchemas, api: ReachedApi | None) -> None:
        """Look at what a schema is made for, in one of our own."""
        with ExitStack() as open_things:
            try:
                schema = open_things.enter_context(schemas.one())
            except Error as error:
                self._tell(
                    "error",
                    "create schema",
                    f"role {account.role} may not, in {account.database}: {error.msg}",
                    f"grant create schema on database {account.database} to role {account.role}",
                )
                return
            self._tell("ok", "create schema", f"{account.database}.{schema}")
            if api:
                folder = Path(open_things.enter_context(tempfile.TemporaryDirectory()))
                workflow = Workflow(account, api, folder, schema)
                open_things.enter_context(workflow.connection)
                self._workflow(workflow)

    def _workflow(self, workflow: Workflow) -> None:
        """Ask the doctor, and run a policy to its end."""
        try:
            findings = workflow.diagnose()["findings"]
        except AssertionError as error:
            self._tell("error", "diagnosis", _last_line(str(error)), SET_UP)
            return
        wanted = (*_DOCTORS, *workflow.integrations)
        refused = False
        for finding in findings:
            if finding["check"] in wanted:
                refused = refused or finding["level"] == "error"
                by_hand = f"{finding['next']}; or: {SET_UP}" if finding["next"] else None
                self._tell(finding["level"], finding["check"], finding["says"], by_hand)
        if refused:
            self._tell("skipped", "from inside Snowflake", "not tried before this is mended")
            return
        with redirect_stdout(io.StringIO()):
            ran = workflow.run(project_vars=ONE_TRY)
        if ran.success:
            says = "a policy was created, polled and triggered"
            self._tell("ok", "from inside Snowflake", says)
        else:
            self._tell("error", "from inside Snowflake", _last_line(ran.output), SET_UP)


def _rows(session: Any, sql: str) -> list[dict[str, Any]]:
    return list(session.cursor(DictCursor).execute(sql).fetchall())


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "no answer"
