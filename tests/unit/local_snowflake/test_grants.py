"""What a role may do that is not all-powerful: grants, inheritance, ownership, warehouses."""

from __future__ import annotations

import pytest
from snowflake.connector.errors import DatabaseError, ProgrammingError

from tests.unit.local_snowflake.account import CREATE, Account, let_in, place_of

MISSING = (2003, "42S02")
REFUSED = (3001, "42501")
NO_WAREHOUSE = (606, "57P03")
UNSEEN = (2043, "02000")
BODY = "def run(session):\n    return session.sql('select count(*) from {}').collect()[0][0]"


def test_a_sign_in_makes_nothing_in_an_empty_account(admin: Account) -> None:
    """A database and a schema are there when CREATE has made them; then a sign-in has them."""
    stranger = Account(admin.server, "NOT_THERE", role="ACCOUNTADMIN")
    assert "NOT_THERE" not in stranger.names("show schemas in account")
    later = Account(admin.server, admin.schema, role="ACCOUNTADMIN")
    place = later.run("select current_database(), current_schema(), current_warehouse()")
    assert place == [("SAMPLE_DB", admin.schema, "SAMPLE_WH")]
    stranger.connection.close()
    later.connection.close()


@pytest.mark.parametrize("right", ["database sample_db", "schema {place}"])
def test_without_usage_nothing_is_there(admin: Account, worker: Account, right: str) -> None:
    """Without USAGE on the database or the schema, what is in it does not exist for a role."""
    place = place_of(admin)
    admin.run(f"create table {place}.t (a number)")
    admin.run(f"grant select on table {place}.t to role {worker.role}")
    admin.run(f"grant create table on schema {place} to role {worker.role}")
    assert worker.run(f"select * from {place}.t") == []
    assert worker.names(f"show tables in schema {place}") == ["T"]
    admin.run(f"revoke usage on {right.format(place=place)} from role {worker.role}")
    assert worker.refused(f"select * from {place}.t") == MISSING
    assert worker.refused(f"describe table {place}.t") == MISSING
    assert worker.refused(f"create table {place}.mine (a number)") == MISSING
    for kind in ("tables", "user procedures", "secrets"):
        assert worker.refused(f"show {kind} in schema {place}") == UNSEEN
    assert worker.names("show tables in account") == []
    assert admin.schema not in worker.names("show schemas in account")
    assert worker.value("select current_schema()") is None


@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        ("table", "create table {place}.mine (a number)"),
        ("table", "create table if not exists {place}.mine as select 1 as a"),
        ("view", "create or replace view {place}.mine as select 1 as a"),
        ("procedure", CREATE.format(name="{place}.mine", arguments="", returns="variant",
                                    options="", body="def run(session):\n    return 1")),
    ],
)  # fmt: skip
def test_create_needs_its_privilege(
    admin: Account, worker: Account, kind: str, statement: str
) -> None:
    """CREATE TABLE, VIEW and PROCEDURE are granted on the schema, each by itself."""
    place = place_of(admin)
    for other in {"table", "view", "procedure"} - {kind}:
        admin.run(f"grant create {other} on schema {place} to role {worker.role}")
    with pytest.raises(ProgrammingError, match=f"operate on schema '{admin.schema}'"):
        worker.run(statement.format(place=place))
    admin.run(f"grant create {kind} on schema {place} to role {worker.role}")
    worker.run(statement.format(place=place))
    assert worker.names(f"show {kind}s in schema {place}") == ["MINE"]


def test_an_owner_does_everything_with_its_own(admin: Account, worker: Account) -> None:
    """The owner of a table writes, alters, renames, grants and drops it; other roles do not."""
    place, other = place_of(admin), f"OTHER_{admin.schema}"
    admin.run(f"create role {other}")
    let_in(admin, other)
    admin.run(f"grant create table, create view on schema {place} to role {worker.role}")
    worker.run(f"create table {place}.t (a number)")
    worker.run(f"insert into {place}.t select 1")
    worker.run(f"alter table {place}.t add column b number")
    worker.run(f"grant select on table {place}.t to role {other}")
    guest = Account(admin.server, admin.schema, role=other)
    assert guest.run(f"select a from {place}.t") == [(1,)]
    for statement in (
        "update {t} set a = 2", "delete from {t}", "drop table {t}", "truncate table {t}",
        "alter table {t} add column c number", "insert into {t} select 1, 1",
        "grant select on table {t} to role public",
    ):  # fmt: skip
        assert guest.refused(statement.format(t=f"{place}.t")) == REFUSED
    worker.run(f"alter table {place}.t rename to {place}.renamed")
    assert guest.run(f"select a from {place}.renamed") == [(1,)]
    worker.run(f"drop table {place}.renamed")
    worker.run(f"create table {place}.renamed (a number)")
    assert guest.refused(f"select a from {place}.renamed") == MISSING
    guest.connection.close()


def test_a_procedure_runs_with_the_rights_of_its_owner(admin: Account, worker: Account) -> None:
    """Owner's rights reach what the owner created; a caller needs USAGE on the procedure only."""
    place, other = place_of(admin), f"CALLER_{admin.schema}"
    admin.run(f"create role {other}")
    let_in(admin, other)
    admin.run(f"grant create table, create procedure on schema {place} to role {worker.role}")
    worker.run(f"create table {place}.t as select 1 as a")
    worker.procedure(f"{place}.p", BODY.format(f"{place}.t"))
    caller = Account(admin.server, admin.schema, role=other)
    with pytest.raises(ProgrammingError, match="Unknown user-defined function"):
        caller.run(f"call {place}.p()")
    worker.run(f"grant usage on procedure {place}.p() to role {other}")
    assert caller.value(f"call {place}.p()") == "1"
    assert caller.refused(f"select * from {place}.t") == MISSING
    assert caller.refused(f"describe procedure {place}.p()") == REFUSED
    assert caller.refused(f"drop procedure {place}.p()") == REFUSED
    assert worker.rows(f"describe procedure {place}.p()")
    worker.run(f"drop procedure {place}.p()")
    caller.connection.close()


def test_what_computes_needs_a_warehouse(admin: Account, worker: Account) -> None:
    """Without USAGE on a warehouse a role can look and create tables, but not query or CALL."""
    place = place_of(admin)
    admin.run(f"grant create table, create procedure on schema {place} to role {worker.role}")
    worker.run(f"create table {place}.t (a number)")
    worker.procedure(f"{place}.p", BODY.format(f"{place}.t"))
    admin.run(f"revoke usage on warehouse sample_wh from role {worker.role}")
    assert worker.value("select current_warehouse()") is None
    worker.run(f"create table {place}.u (a number)")
    assert worker.names(f"show tables in schema {place}") == ["T", "U"]
    for statement in (
        f"select * from {place}.t", f"insert into {place}.t select 1", f"call {place}.p()",
        "select * from sample_db.information_schema.tables",
        f"create table {place}.v as select * from {place}.t",
        CREATE.format(name=f"{place}.q", arguments="", returns="variant", options="",
                      body="def run(session):\n    return 1"),
    ):  # fmt: skip
        assert worker.refused(statement) == NO_WAREHOUSE
    assert worker.refused("use warehouse sample_wh") == UNSEEN
    admin.run(f"grant usage on warehouse sample_wh to role {worker.role}")
    assert worker.value(f"call {place}.p()") == "0"


def test_a_registration_needs_integration_and_secret(admin: Account, worker: Account) -> None:
    """CREATE PROCEDURE asks for USAGE on its integrations and READ on its secrets."""
    place, name = place_of(admin), f"i_{admin.schema}"
    admin.run(
        f"create network rule {place}.r mode = egress type = host_port value_list = ('a.b.com')"
    )
    admin.run(f"create secret {place}.s type = generic_string secret_string = 'top'")
    admin.run(
        f"create external access integration {name} allowed_network_rules = ({place}.r) "
        f"allowed_authentication_secrets = ({place}.s)"
    )
    admin.run(f"grant create procedure on schema {place} to role {worker.role}")
    statement = CREATE.format(
        name=f"{place}.p", arguments="", returns="variant", body="def run(session):\n    return 1",
        options=f"external_access_integrations = ({name}) secrets = ('a' = {place}.s)",
    )  # fmt: skip
    with pytest.raises(ProgrammingError, match=f"Integration '{name.upper()}' does not exist or"):
        worker.run(statement)
    admin.run(f"grant usage on integration {name} to role {worker.role}")
    with pytest.raises(ProgrammingError, match=r"Secret '\S+' does not exist or"):
        worker.run(statement)
    admin.run(f"grant read on secret {place}.s to role {worker.role}")
    worker.run(statement)


def test_a_role_inherits_another(admin: Account, worker: Account) -> None:
    """GRANT ROLE TO ROLE gives its grants and what it owns, through any number of roles."""
    place, middle, top = place_of(admin), f"MIDDLE_{admin.schema}", f"TOP_{admin.schema}"
    admin.run(f"create role {middle}")
    admin.run(f"create role {top}")
    admin.run(f"grant create table on schema {place} to role {worker.role}")
    worker.run(f"create table {place}.t (a number)")
    above = Account(admin.server, admin.schema, role=top)
    assert above.refused(f"select * from {place}.t") == MISSING
    admin.run(f"grant role {worker.role} to role {middle}")
    admin.run(f"grant role {middle} to role {top}")
    above.run(f"insert into {place}.t select 1")
    assert admin.refused(f"grant role {top} to role {worker.role}") == REFUSED
    assert above.refused(f"grant role {top} to role {middle}") == REFUSED
    admin.run(f"revoke role {middle} from role {top}")
    assert above.refused(f"select * from {place}.t") == MISSING
    admin.run(f"grant role {top} to user somebody")
    above.connection.close()


def test_all_and_future(admin: Account, worker: Account) -> None:
    """ALL grants on existing objects, FUTURE on new ones, a replaced view included."""
    place = place_of(admin)
    admin.run(f"create table {place}.t (a number)")
    admin.run(f"grant select on all tables in schema {place} to role {worker.role}")
    admin.run(f"create table {place}.later (a number)")
    assert worker.run(f"select * from {place}.t") == []
    assert worker.refused(f"select * from {place}.later") == MISSING
    admin.run(f"create view {place}.v as select a from {place}.t")
    admin.run(f"grant select on future views in schema {place} to role {worker.role}")
    assert worker.refused(f"select * from {place}.v") == MISSING
    admin.run(f"create or replace view {place}.v as select a from {place}.t")
    assert worker.run(f"select * from {place}.v") == []
    admin.run(f"revoke select on future views in schema {place} from role {worker.role}")
    assert worker.run(f"select * from {place}.v") == []
    admin.run(f"create or replace view {place}.v copy grants as select a from {place}.t")
    assert worker.run(f"select * from {place}.v") == []
    admin.run(f"create or replace view {place}.v as select a from {place}.t")
    assert worker.refused(f"select * from {place}.v") == MISSING
    admin.run(f"grant usage on future procedures in schema {place} to role {worker.role}")
    admin.procedure(f"{place}.p", "def run(session):\n    return 1")
    assert worker.value(f"call {place}.p()") == "1"


def test_all_grants_what_belongs_to_who_grants(admin: Account, worker: Account) -> None:
    """With ALL, another role grants on its own objects only; FUTURE is refused."""
    place, other = place_of(admin), f"ALL_{admin.schema}"
    admin.run(f"create role {other}")
    let_in(admin, other)
    admin.run(f"grant create table on schema {place} to role {worker.role}")
    admin.run(f"create table {place}.not_mine (a number)")
    worker.run(f"create table {place}.mine (a number)")
    worker.run(f"grant select on all tables in schema {place} to role {other}")
    guest = Account(admin.server, admin.schema, role=other)
    assert guest.names(f"show tables in schema {place}") == ["MINE"]
    statement = f"grant select on future tables in schema {place} to role {other}"
    assert worker.refused(statement) == REFUSED
    guest.connection.close()


def test_show_grants(admin: Account, worker: Account) -> None:
    """SHOW GRANTS TO ROLE lists what a role was granted and owns, to that role and to admins."""
    place, role = f"SAMPLE_DB.{admin.schema}", worker.role
    admin.run(f"grant create table, create procedure on schema {place} to role {role}")
    admin.run(f"grant select on future views in schema {place} to role {role}")
    worker.run(f"create table {place}.t (a number)")
    admin.procedure(f"{place}.p", "def run(session, a):\n    return 1", "a varchar")
    admin.run(f"grant usage on procedure {place}.p(varchar) to role {role}")
    expected = {
        ("CREATE PROCEDURE", "SCHEMA", place),
        ("CREATE TABLE", "SCHEMA", place),
        ("OWNERSHIP", "TABLE", f"{place}.T"),
        ("USAGE", "DATABASE", "SAMPLE_DB"),
        ("USAGE", "PROCEDURE", f"{place}.P(VARCHAR)"),
        ("USAGE", "SCHEMA", place),
        ("USAGE", "WAREHOUSE", "SAMPLE_WH"),
    }
    for session in (worker, admin):
        rows = session.rows(f'show grants to role "{role}"')
        assert {(row["privilege"], row["granted_on"], row["name"]) for row in rows} == expected
        assert list(rows[0]) == [
            "created_on", "privilege", "granted_on", "name", "granted_to", "grantee_name",
            "grant_option", "granted_by",
        ]  # fmt: skip
        assert {(row["granted_to"], row["grantee_name"]) for row in rows} == {("ROLE", role)}
    admin.run(f"create role stranger_{admin.schema}")
    assert worker.refused(f"show grants to role stranger_{admin.schema}") == MISSING
    assert worker.refused("show grants on account") == (2, "0A000")


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("grant usage on warehouse nope to role {role}", MISSING),
        ("grant usage on database nope to role {role}", MISSING),
        ("grant usage on schema sample_db.nope to role {role}", MISSING),
        ("grant select on table {place}.nope to role {role}", MISSING),
        ("grant select on all tables in schema sample_db.nope to role {role}", MISSING),
        ("grant role nope to role {role}", MISSING),
        ("grant role {role} to role nope", MISSING),
        ("grant role sysadmin to role {role}", (2, "0A000")),
        ("grant create table on database sample_db to role {role}", (2, "0A000")),
        ("grant insert on table {place}.t to role {role}", (2, "0A000")),
        ("grant all privileges on schema {place} to role {role}", (2, "0A000")),
    ],
)
def test_a_grant_is_refused(
    admin: Account, worker: Account, statement: str, error: tuple[int, str]
) -> None:
    """A grant on a missing object, and an unknown form of grant, are refused."""
    assert admin.refused(statement.format(role=worker.role, place=place_of(admin))) == error


@pytest.mark.parametrize(
    "statement",
    [
        "create warehouse w", "create database d", "create schema sample_db.s", "create role x",
        "create network rule {place}.r mode = egress type = host_port value_list = ('a.b.com')",
        "create secret {place}.s type = generic_string secret_string = 'x'",
        "alter secret {place}.s set secret_string = 'x'", "drop schema {place}",
        "grant usage on database sample_db to role {role}",
        "grant usage on schema {place} to role {role}",
        "grant usage on warehouse sample_wh to role {role}",
        "grant role accountadmin to role {role}",
    ],
)  # fmt: skip
def test_what_an_administrator_does_is_refused_to_others(
    admin: Account, worker: Account, statement: str
) -> None:
    """A role without more than USAGE makes no account objects and gives itself no rights."""
    assert worker.refused(statement.format(place=place_of(admin), role=worker.role)) == REFUSED


def test_a_schema_is_made_with_its_privilege(admin: Account, worker: Account) -> None:
    """CREATE SCHEMA on the database makes the role the owner of its schemas, with all rights."""
    admin.run(f"grant create schema on database sample_db to role {worker.role}")
    mine = f"sample_db.mine_{admin.schema}"
    worker.run(f"create schema if not exists {mine}")
    worker.run(f"create table {mine}.t (a number)")
    assert worker.run(f"select * from {mine}.t") == []
    worker.run(f"use schema {mine}")


def test_a_schema_goes_with_all_that_is_in_it(admin: Account, worker: Account) -> None:
    """Only its owner drops a schema; a new schema of that name has nothing of the old one."""
    admin.run(f"grant create schema on database sample_db to role {worker.role}")
    place = f"sample_db.{admin.schema}_more"
    worker.run(f"create schema {place}")
    assert worker.refused(f"drop schema {place_of(admin)}") == REFUSED
    admin.run(f"create role if not exists other_{admin.schema}")
    let_in(admin, f"other_{admin.schema}")
    stranger = Account(admin.server, admin.schema, role=f"OTHER_{admin.schema}")
    assert stranger.refused(f"drop schema {place}") == MISSING
    stranger.connection.close()
    worker.run(CREATE.format(name=f"{place}.p", arguments="", returns="variant", options="",
                             body="def run(session):\n    return 1"))  # fmt: skip
    worker.run(f"create table {place}.t (a number)")
    admin.run(f"create secret {place}.s type = generic_string secret_string = 'x'")
    admin.run(f"grant usage on schema {place} to role other_{admin.schema}")
    worker.run(f"drop schema {place}")
    worker.run(f"drop schema if exists {place}")
    admin.run(f"create schema {place}")
    for kind in ("user procedures", "tables", "secrets"):
        assert admin.names(f"show {kind} in schema {place}") == []
    assert not admin.server.account.catalog.grants[f"OTHER_{admin.schema}"][3:]


def test_a_role_is_dropped(admin: Account, worker: Account) -> None:
    """Nobody signs in with a dropped role, and the dropping role owns what the role owned."""
    place = place_of(admin)
    admin.run(f"grant create table on schema {place} to role {worker.role}")
    worker.run(f"create table {place}.t (a number)")
    admin.run(f"drop role {worker.role}")
    with pytest.raises(DatabaseError, match="does not exist or not authorized"):
        Account(admin.server, admin.schema, role=worker.role)
    assert (
        admin.server.account.catalog.made_by("TABLE", f"SAMPLE_DB.{admin.schema}.T").owner
        == admin.role
    )
    admin.run(f"drop role if exists {worker.role}")
    assert admin.refused(f"drop role {worker.role}") == (2003, "02000")
