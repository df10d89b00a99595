"""Rounds of runs at random side by side, and the promises that they must keep."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from snowflake.connector.errors import Error

from procedures.common.failpoints import FAILPOINTS
from tests.integration.random_runs.dbt_process import Command, DbtProcess
from tests.integration.workflow import Workflow

VARS = {
    "policy_lease_seconds": 10,
    "policy_poll_interval_seconds": 0,
    "policy_wait_seconds": 6,
    "policy_retention_minutes": 0,
    "policy_api_requests_per_second": 40,
}
SESSIONS = (
    {"TIMEZONE": "America/Los_Angeles"},
    {"TIMEZONE": "Asia/Kolkata", "TIMESTAMP_NTZ_OUTPUT_FORMAT": "DD.MM.YYYY HH24:MI"},
    {"TIMEZONE": "Pacific/Auckland", "TIMESTAMP_LTZ_OUTPUT_FORMAT": "MON DD YYYY HH12:MI:SS AM"},
    {"TIMEZONE": "Etc/UTC", "TIMESTAMP_OUTPUT_FORMAT": 'YYYY-MM-DD"T"HH24:MI:SS.FF6'},
)
PROMISES = (
    "creates that took effect twice where no request was lost in flight",
    "breakers triggered twice where no request was lost in flight",
    "triggers after a confirmed cancellation",
    "runs with exit 0 and an execution of theirs not completed",
    "runs with exit 1 and all of theirs completed",
    "executions without an event for a request that the API received and answered",
    "rows that stand twice",
    "actors that broke for no reason of ours",
)


@dataclass
class Round:
    """What happened in one round."""

    ids: list[str]
    killed: bool = False
    commands: list[Command] = field(default_factory=list)
    cancelled: dict[str, float] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)


class Rounds:
    """Plays rounds in one schema, and counts what happened and which promises were broken.

    Args:
        workflow: the schema, deployed with VARS.
        processes: what runs dbt commands, each in a session of its own.
        points: the folder of the failpoints.
        seed: of all that is random.

    """

    def __init__(
        self, workflow: Workflow, processes: list[DbtProcess], points: Path, seed: int
    ) -> None:
        self._workflow = workflow
        self._processes = processes
        self._points = points
        self._random = random.Random(seed)
        self.happened: Counter[str] = Counter()
        self.broken: Counter[str] = Counter(dict.fromkeys(PROMISES, 0))
        self.examples: list[str] = []
        self.last: Command | None = None

    def play(self, number: int) -> None:
        """Play one round and judge it."""
        chance = self._random
        now = Round([f"r{number}-{n}" for n in range(chance.randint(2, 6))])
        self._prepare(now)
        actors = [
            *(
                self._dbt(now, process, chance.choice((self._list, self._relation, self._retry)))
                for process in self._processes
            ),
            *chance.sample(
                [self._advance, self._advance, self._cancel, self._clean_up, self._shrink],
                k=chance.randint(1, 4),
            ),
        ]
        delays = [chance.random() * 1.5 for _ in actors]
        seeds = [chance.randrange(2**32) for _ in actors]
        threads = [
            threading.Thread(target=self._act, args=(now, actor, delay, random.Random(seed)))
            for actor, delay, seed in zip(actors, delays, seeds, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for order in self._points.glob("*"):
            now.killed |= order.suffix == ".reached"
            order.unlink()
        self._judge(now)

    def _prepare(self, now: Round) -> None:
        chance, api = self._random, self._workflow.api
        api.reset()
        api.honour_idempotency_keys(False)
        api.order(statuses=chance.choice((["ready"], ["pending", "ready"], ["pending"] * 9)))
        api.order(latency_seconds=chance.choice((0.0, 0.02, 0.15)))
        for endpoint in chance.sample(("create", "status", "circuit"), k=chance.randint(0, 2)):
            api.order(
                endpoint=endpoint,
                policy_name=chance.choice(now.ids),
                http_status=chance.choice((400, 401, 429, 500, 503)),
                effect=False,
                times=chance.randint(1, 3),
            )
        listed = json.dumps(now.ids)
        self._workflow.query("delete from wanted")
        self._workflow.query(
            "insert into wanted select f.value::varchar, object_construct('policy_name',"
            " f.value::varchar) from (select parse_json(?) as j) p,"
            " lateral flatten(input => p.j) f",
            [listed],
        )
        if chance.random() < 0.4:
            (self._points / chance.choice(FAILPOINTS)).write_text("kill", encoding="utf-8")

    def _act(
        self, now: Round, actor: Callable[[Round, random.Random], None], delay: float,
        chance: random.Random,
    ) -> None:  # fmt: skip
        time.sleep(delay)
        try:
            actor(now, chance)
        except Error as error:
            # A killed procedure breaks its CALL, and nobody else's.
            now.broken.append(f"{getattr(actor, '__name__', actor)}: {error}")
        except Exception as error:  # noqa: BLE001  # judged at the end of the round
            now.broken.append(f"not of ours: {type(error).__name__}: {error}")

    def _dbt(
        self,
        now: Round,
        process: DbtProcess,
        make: Callable[[Round, random.Random], tuple[str, dict[str, Any]]],
    ) -> Callable[[Round, random.Random], None]:
        def run(_: Round, chance: random.Random) -> None:
            command = process.run(*make(now, chance), VARS)
            now.commands.append(command)
            self.happened["dbt commands"] += 1
            self.happened["dbt commands with exit 0"] += command.success
            self.last = command

        return run

    def _list(self, now: Round, chance: random.Random) -> tuple[str, dict[str, Any]]:
        ids = chance.sample(now.ids, k=chance.randint(1, len(now.ids)))
        policies = [{"execution_id": id_, "policy_data": {"policy_name": id_}} for id_ in ids]
        return "run_policy_workflow", {"policies": policies}

    def _relation(self, now: Round, chance: random.Random) -> tuple[str, dict[str, Any]]:  # noqa: ARG002
        return "run_policy_workflow", {"policies_from": "wanted_now"}

    def _retry(self, now: Round, chance: random.Random) -> tuple[str, dict[str, Any]]:
        ids = [{"execution_id": chance.choice(now.ids)}, {}]
        return "retry_policy_workflow", chance.choice(ids)

    def _call(self, procedure: str, request: dict[str, Any], chance: random.Random) -> Any:
        self.happened["CALLs beside them"] += 1
        return self._workflow.call(procedure, request, **chance.choice(SESSIONS))

    def _advance(self, now: Round, chance: random.Random) -> None:  # noqa: ARG002
        for _ in range(3):
            self._call("advance_policy_workflow", {"invocation_id": "advance-*"}, chance)

    def _cancel(self, now: Round, chance: random.Random) -> None:
        id_ = chance.choice(now.ids)
        request = {"invocation_id": "cancel-*", "execution_ids": [id_], "reason": "at random"}
        if self._call("cancel_policy_execution", request, chance)["cancelled"]:
            now.cancelled[id_] = time.time()
            self.happened["confirmed cancellations"] += 1

    def _clean_up(self, now: Round, chance: random.Random) -> None:  # noqa: ARG002
        for _ in range(3):
            request = {"invocation_id": "cleaning-*", "retention_minutes": 0}
            answer = self._call("create_policy", request, chance)
            self.happened["rows removed by retention beside runs"] += answer["cleaned"]
            time.sleep(chance.random())

    def _shrink(self, now: Round, chance: random.Random) -> None:
        with self._workflow.connect() as connection:
            connection.cursor().execute(
                "delete from wanted where execution_id = ?", [chance.choice(now.ids)]
            )

    def _judge(self, now: Round) -> None:
        """Compare the API's journal, the tables and the exit codes."""
        self.happened["rounds"] += 1
        self.happened["rounds with a kill"] += now.killed
        prefix = now.ids[0].partition("-")[0]
        events = self._workflow.query(
            """select e.*, date_part(epoch_millisecond, "event_time") as ms
            from policy_execution_events e where "execution_id" like ?""",
            [f"{prefix}-%"],
        )
        journal = [entry for entry in self._workflow.api.journal() if entry.status is not None]
        names = {policy["policy_id"]: policy["policy_name"]
                 for policy in self._workflow.api.policies()}  # fmt: skip
        completed: dict[str, float] = {}
        for event in events:
            if event["status_after"] == "completed":
                completed.setdefault(event["execution_id"], event["MS"] / 1000)
        for id_ in now.ids:
            self._judge_requests(now, id_, events, journal, names)
        for command in now.commands:
            self._judge_command(command, completed)
        rows = Counter(row["execution_id"] for row in self._workflow.rows())
        for id_, count in rows.items():
            if count > 1:
                self._break("rows that stand twice", id_)
        for problem in now.broken:
            if not now.killed or problem.startswith("not of ours"):
                self._break("actors that broke for no reason of ours", problem)
        self.happened["executions completed"] += len(completed)
        # Nobody works on them any more: what was killed is free for the next round.
        self._workflow.query(
            'update policy_execution_state set "lease_expires_at" = null where "completed" = false'
        )

    def _judge_requests(
        self,
        now: Round,
        id_: str,
        events: list[dict[str, Any]],
        journal: list[Any],
        names: dict[str, str],
    ) -> None:
        for step, endpoint in ((1, "create"), (3, "circuit")):
            received = [
                entry
                for entry in journal
                if entry.endpoint == endpoint
                and isinstance(entry.json, dict)
                and (entry.json.get("policy_name") or names.get(str(entry.json.get("policy_id"))))
                == id_
            ]
            self.happened[f"requests to {endpoint}"] += len(received)
            recorded = sum(
                int(event["requests_sent"] or 0)
                for event in events
                if event["execution_id"] == id_ and event["step"] == step
            )
            effects = sum(entry.effect for entry in received)
            is_lost = len(received) > recorded
            self.happened["requests lost in a kill"] += max(0, len(received) - recorded)
            if is_lost and not now.killed:
                self._break(PROMISES[5], f"{id_} {endpoint}: {len(received)} > {recorded}")
            if effects > 1 and not is_lost:
                self._break(PROMISES[0 if step == 1 else 1], f"{id_}: {effects}")
            if step == 3 and id_ in now.cancelled:
                late = [e for e in received if e.received_at > now.cancelled[id_]]
                if late:
                    self._break(PROMISES[2], id_)

    def _judge_command(self, command: Command, completed: dict[str, float]) -> None:
        members = self._workflow.query(
            'select "execution_id", "problem" from policy_execution_runs where "run_id" like ?',
            [f"{command.invocation_id}-%"],
        )
        ids = {member["execution_id"] for member in members}
        if command.success and ids - completed.keys():
            self._break(PROMISES[3], f"{ids - completed.keys()}: {command.output[-800:]}")
        # A statement that failed, as of a procedure that was killed, fails the command in any case.
        is_verdict = "did not complete" in command.output
        if not command.success and ids and is_verdict:
            before = {id_ for id_, at in completed.items() if at < command.asked_at - 0.05}
            if not ids - before and not any(member["problem"] for member in members):
                self._break(PROMISES[4], f"{ids}: {command.output[-800:]}")

    def _break(self, promise: str, example: str) -> None:
        self.broken[promise] += 1
        self.examples.append(f"{promise}: {example}")

    def printed(self) -> str:
        """What happened and what was broken, a line each."""
        lines = [f"{count:7} {what}" for what, count in sorted(self.happened.items())]
        return "\n".join([*lines, *(f"{self.broken[name]:7} {name}" for name in PROMISES)])


@contextmanager
def playing(workflow: Workflow, folder: Path, processes: int, seed: int) -> Iterator[Rounds]:
    """Deploy, start the dbt processes, and end them."""
    points = Path(workflow.environment["POLICY_WORKFLOW_FAILPOINTS"])
    deployed = workflow.run("deploy_policy_workflow", project_vars=VARS)
    assert deployed.success, deployed.output
    workflow.query("create table wanted (execution_id varchar, policy_data variant)")
    workflow.query(
        """create view wanted_now as
        select w.execution_id, w.policy_data from wanted w
        left join policy_execution_state t on w.execution_id = t."execution_id"
        where coalesce(t."completed", false) = false"""
    )
    started: list[DbtProcess] = []
    try:
        for number in range(processes):
            place = folder / f"dbt{number}"
            environment = {
                **workflow.environment,
                "DBT_TARGET_PATH": str(place / "target"),
                "DBT_LOG_PATH": str(place / "logs"),
            }
            started.append(DbtProcess(environment, SESSIONS[(number + seed) % len(SESSIONS)]))
        yield Rounds(workflow, started, points, seed)
    finally:
        for process in started:
            with suppress(Exception):
                process.end()
