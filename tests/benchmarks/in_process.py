"""A local stack in this process, whose statements can be read, with schemas to work in."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from local_snowflake.server import LocalSnowflake
from local_stack.account import ACCOUNT
from local_stack.policy_api import PolicyApi
from tests.account.account import Account, OwnSchemas
from tests.account.policy_api import ReachedApi
from tests.integration.workflow import Workflow


def sent_by_procedures(server: LocalSnowflake, before: int) -> list[str]:
    """What procedures sent after so many statements."""
    return [s.sql for s in server.statements[before:] if s.kind == "procedure"]


@contextmanager
def workflows(count: int) -> Iterator[tuple[LocalSnowflake, list[Workflow]]]:
    """Give the server, and so many workflows, each with a schema of its own."""
    with ExitStack() as open_things:
        folder = Path(open_things.enter_context(tempfile.TemporaryDirectory()))
        api = open_things.enter_context(PolicyApi())
        server = open_things.enter_context(LocalSnowflake(setup=ACCOUNT))
        server.open_external_access(api.host, api.port)
        account = Account.local(server.environment())
        schemas = open_things.enter_context(OwnSchemas(account))
        found = []
        for number in range(count):
            place = folder / str(number)
            place.mkdir()
            schema = open_things.enter_context(schemas.one())
            found.append(Workflow(account, ReachedApi(api.base_url), place, schema))
        yield server, found
