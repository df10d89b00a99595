"""Schemas with managed access: an object's owner grants nothing on it; the schema's owner does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_snowflake.server import LocalSnowflake
from tests.unit.local_snowflake.account import Account, let_in, place_of

REFUSED = (3001, "42501")
ECHO = "def run(session, a):\n    return a"


@pytest.fixture
def place(admin: Account, worker: Account) -> str:
    """Give a schema with managed access, in which the worker has made a table and others."""
    place = f"sample_db.managed_{admin.schema}"
    admin.run(f"create schema {place} with managed access comment = 'of the platform'")
    admin.run(f"grant usage on schema {place} to role {worker.role}")
    rights = "create table, create view, create procedure"
    admin.run(f"grant {rights} on schema {place} to role {worker.role}")
    worker.run(f"create table {place}.t (a number)")
    worker.run(f"create view {place}.v as select a from {place}.t")
    worker.procedure(f"{place}.p", ECHO, "a varchar", "varchar")
    return place


GRANTS = (
    "grant select on table {}.t to role public",
    "grant select on view {}.v to role public",
    "grant usage on procedure {}.p(varchar) to role public",
    "grant ownership on table {}.t to role public",
)


@pytest.mark.parametrize("statement", GRANTS)
def test_the_owner_of_an_object_grants_nothing(
    admin: Account, worker: Account, place: str, statement: str
) -> None:
    """The owner of an object may not grant on it; the owner of the schema may."""
    assert worker.refused(statement.format(place)) == REFUSED
    assert worker.run(f"select * from {place}.t") == []
    admin.run(statement.format(place))


def test_who_owns_the_schema(admin: Account, worker: Account) -> None:
    """A role without MANAGE GRANTS that owns the schema grants there, on what others own."""
    place = f"sample_db.own_{admin.schema}"
    role = f"O_{admin.schema}".upper()
    admin.run(f"create role {role}")
    let_in(admin, role)
    other = Account(admin.server, admin.schema, role=role)
    admin.run(f"grant create schema on database sample_db to role {worker.role}")
    worker.run(f"create schema {place} with managed access")
    worker.run(f"grant usage, create table on schema {place} to role {other.role}")
    other.run(f"create table {place}.t (a number)")
    assert other.refused(f"grant select on table {place}.t to role public") == REFUSED
    worker.run(f"grant select on table {place}.t to role public")
    worker.run(f"grant select on future views in schema {place} to role public")
    [row] = worker.rows(f"show schemas like 'OWN_{admin.schema}' in database sample_db")
    assert (row["options"], row["owner"]) == ("MANAGED ACCESS", worker.role)
    other.connection.close()


def test_it_can_be_switched(admin: Account, worker: Account, place: str) -> None:
    """ALTER SCHEMA disables and enables managed access, for the owner of the schema only."""
    grant = f"grant select on table {place}.t to role public"
    assert worker.refused(f"alter schema {place} disable managed access") == REFUSED
    admin.run(f"alter schema {place} disable managed access")
    worker.run(grant)
    admin.run(f"alter schema {place} enable managed access")
    assert worker.refused(grant) == REFUSED
    assert admin.refused("alter schema sample_db.nope enable managed access") == (2003, "42S02")
    admin.run("alter schema if exists sample_db.nope enable managed access")


def test_a_schema_that_is_there_stays_as_it_is(admin: Account, worker: Account) -> None:
    """IF NOT EXISTS leaves an existing schema as it is; a dropped schema is forgotten."""
    place = place_of(admin)
    admin.run(f"create schema if not exists {place} with managed access")
    admin.run(f"grant create table on schema {place} to role {worker.role}")
    worker.run(f"create table {place}.t (a number)")
    worker.run(f"grant select on table {place}.t to role public")
    admin.run(f"create schema {place}_2 with managed access")
    admin.run(f"drop schema {place}_2")
    admin.run(f"create schema {place}_2")
    assert admin.server.account.catalog.managed.count(f"{place}_2".upper()) == 0


def test_it_is_there_after_a_restart(restarted: Callable[[], LocalSnowflake]) -> None:
    """The data directory keeps which schemas have managed access."""
    with restarted() as server:
        account = Account(server, "S")
        account.run("create schema sample_db.managed with managed access")
        account.connection.close()
    with restarted() as server:
        assert server.account.catalog.managed == ["SAMPLE_DB.MANAGED"]
