"""ALTER and IF NOT EXISTS of network rules, integrations and secrets."""

from __future__ import annotations

import pytest

from tests.unit.local_snowflake.account import Account, place_of

MISSING = (2003, "42S02")


def test_alter_changes_what_it_names(admin: Account, worker: Account) -> None:
    """ALTER of rule, integration and secret keeps the rest, and the grants; IF NOT EXISTS, all."""
    place, name, catalog = place_of(admin), f"I_{admin.schema}", admin.server.account.catalog
    rule = (
        f"create network rule if not exists {place}.r mode = egress type = host_port "
        "value_list = ('{}')"
    )
    integration = (
        f"create external access integration if not exists {name} "
        f"allowed_network_rules = ({place}.r) enabled = {{}}"
    )
    secret = (
        f"create secret if not exists {place}.s type = password username = 'me' password = '{{}}'"
    )
    for again in ("one.example.com", "two.example.com"):
        admin.run(rule.format(again))
        admin.run(integration.format("true" if again.startswith("one") else "false"))
        admin.run(secret.format(again))
    full = f"SAMPLE_DB.{admin.schema}"
    assert catalog.network_rules[f"{full}.R"] == ["one.example.com"]
    assert catalog.integrations[name]["enabled"] is True
    assert catalog.secrets[f"{full}.S"]["value"] == "one.example.com"
    admin.run(f"grant usage on integration {name} to role {worker.role}")
    admin.run(f"alter network rule {place}.r set value_list = ('x.example.com:8443')")
    admin.run(f"alter external access integration {name} set enabled = false comment = 'closed'")
    admin.run(f"alter integration {name} set allowed_authentication_secrets = ({place}.s)")
    admin.run(f"alter secret {place}.s set password = 'new'")
    assert catalog.network_rules[f"{full}.R"] == ["x.example.com:8443"]
    assert catalog.integrations[name] == {
        "rules": [f"{full}.R"], "secrets": [f"{full}.S"], "enabled": False,
    }  # fmt: skip
    assert catalog.secrets[f"{full}.S"] == {"type": "PASSWORD", "username": "me", "value": "new"}
    assert worker.names("show integrations") == [name]
    admin.run(
        f"create or replace external access integration {name} allowed_network_rules = ({place}.r)"
    )
    assert worker.names("show integrations") == []


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("alter network rule {place}.nope set value_list = ('a.b.com')", MISSING),
        ("alter network rule {place}.r set value_list = ('https://a.b.com')", (1422, "22023")),
        ("alter network rule {place}.r set mode = ingress", (2, "0A000")),
        ("alter external access integration nope set enabled = true", MISSING),
        ("alter secret {place}.nope set secret_string = 'x'", MISSING),
        ("create network rule {place}.r mode = egress type = host_port value_list = ('a.b.com')",
         (2002, "42710")),
    ],
)  # fmt: skip
def test_an_alter_is_refused(admin: Account, statement: str, error: tuple[int, str]) -> None:
    """What is not there, is not known, or would stand there twice is an error of its own."""
    place = place_of(admin)
    admin.run(
        f"create network rule {place}.r mode = egress type = host_port value_list = ('a.b.com')"
    )
    assert admin.refused(statement.format(place=place)) == error
    assert admin.server.account.catalog.network_rules[f"SAMPLE_DB.{admin.schema}.R"] == ["a.b.com"]
