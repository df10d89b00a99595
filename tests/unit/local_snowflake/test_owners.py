"""The owner of an object: where it is shown, and how another role becomes the owner."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from snowflake.connector.errors import ProgrammingError

from local_snowflake.server import LocalSnowflake
from tests.unit.local_snowflake.account import Account, let_in, place_of

MISSING = (2003, "42S02")
REFUSED = (3001, "42501")
WHO = "def run(session, a):\n    return session.sql('select current_role()').collect()[0][0]"


@pytest.fixture
def place(admin: Account, worker: Account) -> str:
    """Give a schema in which the worker has made a table, a view and a procedure."""
    place = place_of(admin)
    rights = "create table, create view, create procedure"
    admin.run(f"grant {rights} on schema {place} to role {worker.role}")
    worker.run(f"create table {place}.t (a number)")
    worker.run(f"create view {place}.v as select a from {place}.t")
    worker.procedure(f"{place}.p", WHO, "a varchar", "varchar")
    return place


@pytest.fixture
def reader(admin: Account, place: str, worker: Account) -> Iterator[Account]:
    """Give a session of a role that may read the table and call the procedure."""
    role = f"READER_{admin.schema}"
    admin.run(f"create role {role}")
    let_in(admin, role)
    worker.run(f"grant select on table {place}.t to role {role}")
    worker.run(f"grant usage on procedure {place}.p(varchar) to role {role}")
    found = Account(admin.server, admin.schema, role=role)
    yield found
    found.connection.close()


@pytest.fixture
def hiding(admin: Account) -> Iterator[LocalSnowflake]:
    """Let the account hide procedures from those who do not own them, until the test ends."""
    admin.server.account.hides_procedures_of_others = True
    yield admin.server
    admin.server.account.hides_procedures_of_others = False


def _owners(session: Account, place: str, view: str, kind: str) -> dict[str, str]:
    rows = session.run(
        f"select {kind}_name, {kind}_owner from sample_db.information_schema.{view}"
        f" where {kind}_schema = '{place.split('.')[1]}'"
    )
    return dict(rows)


def test_owners_are_shown(admin: Account, place: str, worker: Account, reader: Account) -> None:
    """The information schema and SHOW name the owner, to all who see the object."""
    admin.run(f"create table {place}.other (a number)")
    assert _owners(worker, place, "tables", "table") == {"T": worker.role, "V": worker.role}
    assert _owners(admin, place, "tables", "table") == {
        "T": worker.role, "V": worker.role, "OTHER": "ACCOUNTADMIN"
    }  # fmt: skip
    assert _owners(admin, place, "views", "table") == {"V": worker.role}
    assert _owners(reader, place, "tables", "table") == {"T": worker.role}
    assert _owners(reader, place, "procedures", "procedure") == {"P": worker.role}
    for kind in ("tables", "views", "objects"):
        rows = worker.rows(f"show {kind} in schema {place}")
        assert {row["owner"] for row in rows} == {worker.role}


@pytest.mark.parametrize(
    ("named", "kind", "right"),
    [("table {}.t", "TABLE", "SELECT"), ("procedure {}.p(VARCHAR)", "PROCEDURE", "USAGE")],
)
def test_grants_on_an_object(
    place: str, worker: Account, reader: Account, named: str, kind: str, right: str
) -> None:
    """SHOW GRANTS ON lists the owner and the roles with a right, to each of these roles."""
    for session in (worker, reader):
        rows = session.rows(f"show grants on {named.format(place)}")
        assert [
            (row["privilege"], row["granted_on"], row["grantee_name"], row["granted_by"])
            for row in rows
        ] == sorted(
            [("OWNERSHIP", kind, worker.role, worker.role), (right, kind, reader.role, worker.role)]
        )
        assert {row["name"] for row in rows} == {
            named.format(place).split(" ")[1].upper()
        }  # fmt: skip


def test_grants_on_what_a_role_does_not_see(place: str, worker: Account, reader: Account) -> None:
    """Without any right on an object, SHOW GRANTS does not find it; a view is shown as a view."""
    assert reader.refused(f"show grants on view {place}.v") == MISSING
    assert reader.refused(f"show grants on table {place}.nope") == MISSING
    assert reader.refused("show grants on account") == (2, "0A000")
    [row] = worker.rows(f"show grants on view {place}.v")
    assert (row["privilege"], row["granted_on"]) == ("OWNERSHIP", "VIEW")


def test_ownership_with_the_grants_on_it(
    admin: Account, place: str, worker: Account, reader: Account
) -> None:
    """COPY CURRENT GRANTS keeps what others may; a procedure then runs as its new owner."""
    new = f"NEW_{admin.schema}"
    admin.run(f"create role {new}")
    let_in(admin, new)
    statement = f"grant ownership on procedure {place}.p(varchar) to role {new}"
    with pytest.raises(ProgrammingError, match="Dependent grant of privilege 'USAGE'") as caught:
        worker.run(statement)
    assert (caught.value.errno, caught.value.sqlstate) == (3036, "23001")
    worker.run(f"{statement} copy current grants")
    assert reader.value(f"call {place}.p('x')") == new
    assert _owners(reader, place, "procedures", "procedure") == {"P": new}
    with pytest.raises(ProgrammingError, match="Unknown user-defined function"):
        worker.run(f"call {place}.p('x')")
    assert worker.refused(statement) == MISSING
    assert reader.refused(statement) == REFUSED


def test_ownership_without_the_grants_on_it(
    admin: Account, place: str, worker: Account, reader: Account
) -> None:
    """REVOKE CURRENT GRANTS takes the grants; the new owner writes, and the old owner does not."""
    new = f"NEW_{admin.schema}"
    admin.run(f"create role {new}")
    let_in(admin, new)
    worker.run(f"grant ownership on table {place}.t to role {new} revoke current grants")
    owner = Account(admin.server, admin.schema, role=new)
    owner.run(f"insert into {place}.t select 1")
    assert owner.names(f"show tables in schema {place}") == ["T"]
    for former in (worker, reader):
        assert former.refused(f"select * from {place}.t") == MISSING
    rows = admin.rows(f"show grants on table {place}.t")
    assert [(row["privilege"], row["grantee_name"]) for row in rows] == [("OWNERSHIP", new)]
    owner.connection.close()


def test_ownership_that_stays_or_cannot_be_given(
    admin: Account, place: str, worker: Account, reader: Account
) -> None:
    """To the owner itself nothing changes; a role or an object that is not there is refused."""
    worker.run(f"grant ownership on table {place}.t to role {worker.role}")
    assert reader.run(f"select * from {place}.t") == []
    for statement, error in (
        (f"grant ownership on table {place}.t to role nobody_at_all", MISSING),
        (f"grant ownership on table {place}.nope to role {reader.role}", MISSING),
        (f"grant ownership on all tables in schema {place} to role public", (2, "0A000")),
        (f"revoke ownership on table {place}.t from role {worker.role}", (2, "0A000")),
    ):
        assert admin.refused(statement) == error


def test_definitions_emptied_for_those_who_do_not_own_them(
    admin: Account, place: str, worker: Account, reader: Account
) -> None:
    """The other switch of the account leaves the row, and empties the definition."""
    text = "select procedure_definition from sample_db.information_schema.procedures"
    text += f" where procedure_schema = '{place.split('.')[1].upper()}'"
    assert reader.run(text) == [(None,)]
    admin.server.account.empties_definitions_of_others = True
    try:
        assert reader.run(text) == [("",)]
        assert WHO in worker.value(text)
    finally:
        admin.server.account.empties_definitions_of_others = False


def test_procedures_hidden_from_those_who_do_not_own_them(
    hiding: LocalSnowflake, place: str, worker: Account, reader: Account
) -> None:
    """The switch takes rows from INFORMATION_SCHEMA.PROCEDURES; SHOW and CALL are as before."""
    assert hiding.account.hides_procedures_of_others
    assert _owners(reader, place, "procedures", "procedure") == {}
    assert _owners(worker, place, "procedures", "procedure") == {"P": worker.role}
    assert reader.names(f"show user procedures in schema {place}") == ["P"]
    assert reader.value(f"call {place}.p('x')") == worker.role
    rows = reader.rows(f"show grants on procedure {place}.p(varchar)")
    assert ("OWNERSHIP", worker.role) in [(row["privilege"], row["grantee_name"]) for row in rows]
