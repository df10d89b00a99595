"""The local Snowflake under a dbt project that is not this one, with a procedure of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.repository import ROOT

PROJECT = Path(__file__).with_name("other_project")
COMMANDS = """
dbt run-operation deploy --args "{api: '127.0.0.1:$API_PORT'}"
dbt build
"""


class RatesApi(ThreadingHTTPServer):
    """An API of exchange rates."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.asked: list[str] = []


class _Answers(BaseHTTPRequestHandler):
    server: RatesApi

    def do_GET(self) -> None:  # the name that http.server calls
        """Answer the same rate always."""
        self.server.asked.append(self.path)
        body = json.dumps({"rate": 1.0825, "source": "the test"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def api(local_only: None) -> Iterator[RatesApi]:  # noqa: ARG001
    """Run the API."""
    with RatesApi() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def test_another_project_on_the_local_snowflake_alone(api: RatesApi, tmp_path: Path) -> None:
    """Dbt deploys a procedure, which asks an HTTP API, and builds a model of what it answered."""
    project = shutil.copytree(PROJECT, tmp_path / "other_project")
    environment = {name: value for name, value in os.environ.items() if "POLICY" not in name}
    ran = subprocess.run(
        [sys.executable, "-m", "local_snowflake", "exec", "--database", "RATES_DB", "--schema",
         "RATES", "--warehouse", "RATES_WH", "--", "bash", "-ec", COMMANDS],
        cwd=project,
        env={
            **environment,
            "PYTHONPATH": str(ROOT),
            "DBT_PROFILES_DIR": str(project),
            "API_PORT": str(api.server_port),
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "PASS=3" in ran.stdout
    assert api.asked == ["/rates/EUR"]
