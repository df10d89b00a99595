"""The var policy_api is completed in one way: over the sample API, key by key."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.repository import ROOT
from tests.unit.project.descriptions import (
    BREAKER,
    DEFAULT,
    GIVEN,
    RENDERED,
    SOURCES,
    SPECS,
    URL,
    completed,
    describe,
    read_yaml,
    refusal,
)
from tests.unit.sql_audit.macros import Macros

# --- What a description becomes


def test_without_the_var_it_is_the_sample_api() -> None:
    """The requests of the sample API, with the keys of the breaker's body in their order."""
    made = completed(None)
    assert made == DEFAULT
    assert json.dumps(made["trigger"]["body"]) == json.dumps(BREAKER)


@pytest.mark.parametrize(
    ("variables", "headers"),
    [
        ({}, {"Authorization": "Bearer {secret.policy_api_secret}"}),
        (
            {"policy_api_secret_type": "password", "policy_api_auth_scheme": "Token"},
            {"Authorization": "Basic {secret.policy_api_secret}"},
        ),
        (
            {"policy_api_auth_header": "X-Key", "policy_api_auth_scheme": "Token"},
            {"X-Key": "Token {secret.policy_api_secret}"},
        ),
    ],
)
def test_the_token_of_the_older_vars(variables: dict[str, str], headers: dict[str, str]) -> None:
    """policy_api_secret and its fellows make one header, with and without a description."""
    for described in (None, {}, {"create": {"id": "/data/id"}}):
        made = completed(described, policy_api_secret="d.s.token", **variables)
        kind = variables.get("policy_api_secret_type", "generic_string")
        assert made["secrets"] == {"policy_api_secret": kind}
        assert made["headers"] == {"Accept": "application/json", **headers}


def test_what_is_not_said_is_as_in_the_sample_api() -> None:
    """Key by key, but for the idempotency key: that an API knows keys, only its user can say."""
    made = completed({"create": {"id": "/data/id"}})
    assert made["create"] == DEFAULT["create"] | {"id": "/data/id", "key": None}
    assert made["poll"] == DEFAULT["poll"]
    assert made["trigger"] == DEFAULT["trigger"] | {"key": None}
    assert completed({"idempotency": {"header": "Idempotency-Key"}}) == DEFAULT


def test_the_sample_api_described_in_full() -> None:
    """A description that says all that the sample API has is the same as none."""
    described = read_yaml("""
        headers: {Accept: application/json}
        idempotency: {header: Idempotency-Key}
        find: none
        create: {method: POST, path: /createpolicy, body: "{policy}"}
        poll: {method: GET, path: "/policy/{policy_id}"}
        trigger:
          method: POST
          path: /circuit
          body: {policy_id: "{policy_id}", execution_id: "{api_execution_id}",
                 trigger_reason: "{trigger_reason}"}
    """)
    assert json.dumps(completed(described)) == json.dumps(completed(None))


def test_every_key_arrives() -> None:
    """Addresses are joined, one pointer becomes a list, and keys of endpoints come first."""
    made = completed(
        read_yaml("""
        secrets: {b: d.s.b, a: {name: d.s.a, type: password}}
        headers: {X-B: "{secret.b}", accept: text/json}
        idempotency: {body: /meta/key}
        find:
          {path: "/find?name={policy.name}", id: location, absent: [404], again_after_seconds: 2}
        create:
          {path: /c, body: {user: "{secret.a.username}"}, base_url: "https://other.example/v1/",
           already: [409], busy: [422], idempotency: {header: X-Once}}
        poll: {status: /state, id: /id}
        trigger: {method: PUT, confirm: {at: /tripped, in: [true, 1, yes it is]}}
        """)
    )
    assert list(made["secrets"].items()) == [("a", "password"), ("b", "generic_string")]
    assert made["headers"] == {"X-B": "{secret.b}", "accept": "text/json"}
    assert made["find"] == {
        "method": "GET",
        "url": f"{URL}/find?name={{policy.name}}",
        "body": None,
        "busy": [],
        "id": "location",
        "absent": [404],
        "again_after_seconds": 2,
    }
    assert made["create"]["url"] == "https://other.example/v1/c"
    assert made["create"]["key"] == {"header": "X-Once"}
    assert (made["create"]["already"], made["create"]["busy"]) == ([409], [422])
    assert (made["poll"]["status"], made["poll"]["id"]) == (["/state"], "/id")
    assert made["trigger"]["key"] == {"body": "/meta/key"}
    assert made["trigger"]["confirm"] == {"at": "/tripped", "in": [True, 1, "yes it is"]}
    assert completed({"trigger": "none"})["trigger"] is None
    assert completed({"idempotency": "none"})["create"]["key"] is None


def test_a_null_says_nothing() -> None:
    """A null is as if the key were not there, wherever it stands, but for a body."""
    keyed = {"idempotency": {"header": "Idempotency-Key"}}
    nothing = dict.fromkeys(("secrets", "headers", "find", "create", "poll", "trigger"))
    assert completed(keyed | nothing) == DEFAULT
    for step in ("create", "poll", "trigger"):
        keys = RENDERED._policy_api_specs()["endpoints"][step]["takes"].keys() - {"body"}
        assert completed(keyed | {step: dict.fromkeys(keys)}) == DEFAULT
    found = _found({"method": None, "absent": None, "again_after_seconds": None, "headers": None})
    assert found == _found({})
    assert completed({"create": {"idempotency": {"header": None, "body": "/key"}}})["create"][
        "key"
    ] == {"body": "/key"}
    assert completed(keyed | {"create": {"idempotency": "none"}})["create"]["key"] is None
    assert completed({"headers": {"Accept": None, "X-A": None}})["headers"] == DEFAULT["headers"]
    secrets = {"k": {"name": "d.s.k", "type": None}, "unsaid": None}
    made = completed({"secrets": secrets, "headers": {"A": "{secret.k}"}})
    assert made["secrets"] == {"k": "generic_string"}
    assert [secret["alias"] for secret in RENDERED._policy_api_secrets(SPECS)] == ["k"]
    assert completed({"create": {"path": "/c", "body": None}})["create"]["body"] is None


def _found(more: dict[str, Any]) -> Any:
    find = {"path": "/a/{policy.name}", "id": "/0/id", **more}
    return completed({"find": find})["find"]


def test_headers_of_an_endpoint() -> None:
    """Over the headers of all, by names without case; a null takes one out, but for Accept."""
    made = completed(
        read_yaml("""
        secrets: {k: d.s.k, e: d.s.e}
        headers: {X-Api-Key: "{secret.k}", X-Version: "2", Accept: text/json}
        create: {headers: {x-version: "3"}}
        poll: {headers: null}
        trigger: {base_url: "https://e.example", headers: {x-api-key: null, accept: null,
                  X-Events: "{secret.e}"}}
        """)
    )
    assert made["create"]["headers"] == {
        "X-Api-Key": "{secret.k}",
        "Accept": "text/json",
        "x-version": "3",
    }
    assert "headers" not in made["poll"]
    assert made["trigger"]["headers"] == {
        "Accept": "application/json",
        "X-Version": "2",
        "X-Events": "{secret.e}",
    }
    token = {"trigger": {"headers": {"authorization": None}}}
    made = completed(token, policy_api_secret="d.s.token")
    assert made["headers"]["Authorization"] == "Bearer {secret.policy_api_secret}"
    assert made["trigger"]["headers"] == {"Accept": "application/json"}


@pytest.mark.parametrize("name", ["X-Page-Token", "X-Correlation-Key", "Partition-Key", "X-Monkey"])
def test_a_header_that_is_no_credential(name: str) -> None:
    """Not every key and every token is a secret."""
    assert refusal({"headers": {name: "abc"}}) == ""


@pytest.mark.parametrize("place", ["/-1/id", "/01/id", "/a-b/-c", "/a~1-/id"], ids=str)
def test_keys_of_objects_that_are_no_index(place: str) -> None:
    """A negative number and one with zeros before it are keys of an object (RFC 6901, 4)."""
    assert refusal({"create": {"id": place}}) == ""


def test_the_settings_of_the_body() -> None:
    """The procedures get the description, and nothing of what it is made of; bodies keep order."""
    body = {"z": 1, "a": {"y": "{policy}", "b": None}}
    describe({"create": {"body": body}}, policy_api_secret="d.s.token")
    found = Macros(
        SOURCES
        | {
            "macros/generated/_procedure_body.sql": "{% macro _procedure_body(settings) -%}"
            "{{ return(settings) }}{%- endmacro %}"
        },
        context={"var": lambda name, default=None: GIVEN.get(name, default)},
    )._body_with_settings()
    baked = json.loads(found)
    assert json.dumps(baked["api"]["create"]["body"]) == json.dumps(body)
    assert not {"base_url", "secret_type", "auth_header", "auth_scheme"} & set(baked)
    assert {"trigger_reason", "requests_per_second", "success_statuses"} <= set(baked)


def test_the_registration_names_all_secrets() -> None:
    """Sorted by alias; the procedure that only explains has neither secrets nor a way out."""
    describe(read_yaml("{secrets: {z: d.s.one, a: d.s.two}, headers: {A: '{secret.z}{secret.a}'}}"))
    head = RENDERED._procedure_ddl("create_policy", "")["statement"]
    assert "\nsecrets = ('a' = d.s.two, 'z' = d.s.one)\n" in head
    assert "\nexternal_access_integrations = (API_EXTERNAL_ACCESS)\n" in head
    explains, _, _ = RENDERED._procedure_ddl("explain_policy_api", "")["statement"].partition("$$")
    assert "secrets" not in explains
    assert "external_access" not in explains
    assert "handler = 'explain_policy_api'" in explains


@pytest.mark.parametrize("value", [0.001, 0.1, 1, 2.5, 10000])
def test_a_rate(value: float) -> None:
    """Fewer than one request a second is legal; what is no number is not."""
    spec = SPECS["policy_api_requests_per_second"]
    assert RENDERED._value_problem(spec, value) is None
    for wrong in (0, -1, 10001, True, "1", float("nan"), float("inf"), [1]):
        problem = RENDERED._value_problem(spec, wrong)
        assert problem == "must be a number from 0.001 to 10000"


# --- Good descriptions

GOOD = {
    "two secret headers": """
        secrets: {key: db.s.access_key, secret: db.s.secret_key}
        headers: {accessKey: "{secret.key}", secretKey: "{secret.secret}"}
        find: {path: "/catalog-server/api/rules?name={policy.policy_name}", id: /rules/0/id}
        create: {path: "/catalog-server/api/rules/{policy.rule_id}/executions", body: {},
                 id: /execution/id, busy: [422]}
        poll: {path: "/catalog-server/api/rules/executions/{policy_id}",
               status: [/execution/status, /result/status]}
        trigger: none
    """,
    "basic authentication": """
        secrets: {soda: {name: db.s.soda, type: password}}
        headers: {Authorization: "Basic {secret.soda}"}
        create: {path: "/api/v1/scans", body: {scanDefinition: "{policy.scan}"},
                 id: header:X-Soda-Scan-Id}
        poll: {path: "/api/v1/scans/{policy_id}", status: /state}
        trigger: none
    """,
    "graphql": """
        secrets: {id: db.s.id, token: db.s.token}
        headers: {x-mcd-id: "{secret.id}", x-mcd-token: "{secret.token}"}
        create:
          path: /graphql
          body: {query: "mutation run($id: UUID!) { runMonitor(id: $id) { jobs { id } } }",
                 variables: {id: "{policy.monitor_id}"}}
          id: /data/runMonitor/jobs/0/id
        poll: {method: POST, path: /graphql, body: {query: "query { job { state } }",
               variables: {id: "{policy_id}"}}, status: /data/job/state}
        trigger: none
    """,
    "a key in the body": """
        secrets: {routing: db.s.routing_key, api: db.s.api_key}
        headers: {Authorization: "Token token={secret.api}",
                  Accept: application/vnd.pagerduty+json;version=2}
        idempotency: {body: /incident/incident_key}
        create: {path: /incidents, body: {incident: {title: "{policy.policy_name}"}},
                 id: /incident/id}
        poll: {path: "/incidents/{policy_id}", status: /incident/status}
        trigger:
          base_url: https://events.example.com
          path: /v2/enqueue
          body: {routing_key: "{secret.routing}", event_action: trigger,
                 payload: {summary: "{trigger_reason} of {policy_id}"}}
          idempotency: {body: /dedup_key}
          confirm: {at: /status, in: [success]}
    """,
    "an id as a number": """
        poll: {method: POST, path: /status, body: {id: "{policy_id.number}"}}
        trigger: {path: /trip, body: {ids: ["{policy_id.number}"], of: "run {policy_id.number}"}}
    """,
    "a form": """
        headers: {Content-Type: application/x-www-form-urlencoded}
        idempotency: {body: /request_id}
        create: {path: /scans, id: /id, body: {definition: "{policy.name}", dry: false, days: 3,
                 tag: [a, "{policy.tag}"]}}
        trigger: {path: "/trip/{policy_id}", body: "{policy}"}
    """,
    "lists, and questions by our own id": """
        find: {path: "/all?key={execution_id}", id: /0/id, absent: [404, 410, 400, 422]}
        create: {id: /0/id}
        poll: {path: "/states?key={execution_id}", id: /0/id, status: /0/state, busy: [404, 503]}
        trigger: {path: /trip, body: {of: "{policy.name}"}, id: /0/id,
                  confirm: {at: /0/ok, in: [true]}}
    """,
    "an envelope": """
        create: {id: /data/policy/id, already: [409]}
        poll: {status: /result/state, id: /data/id}
        trigger: {method: PATCH, path: "/breakers/{policy_id}/trip",
                  body: {why: "{trigger_reason}"}, already: [409],
                  confirm: {at: /result/tripped, in: [true]}}
    """,
    "what looks wrong and is right": """
        secrets: {a: d.s.a}
        headers: {X-Filter: '{"path": "/a"}', X-Braces: "{}", X-Idempotency-Mode: strict,
                  X-Both: '{"k": "{secret.a}"}', X-Plan: Basic Plan, X-Cache-Bypass: "1",
                  X-Template: "{ id }"}
        create:
          headers: {Content-Type: application/x-amz-json-1.1}
          body: {query: "{ id status }", one: "{id: 1, name: x}", json: '{"a":1}', none: "{}",
                 guid: "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}"}
          id: /the data/a.b/id
        poll: {status: [/0/state, /1/state], id: /0/id}
    """,
}


@pytest.mark.parametrize("name", GOOD)
def test_shapes_of_apis(name: str) -> None:
    """APIs of the common shapes can be described."""
    assert refusal(read_yaml(GOOD[name])) == ""
    json.dumps(RENDERED._policy_api(SPECS))


@pytest.mark.parametrize(
    "media",
    [
        *("application/json", "text/json", "text/plain", "Application/JSON; charset=utf-8"),
        *("application/vnd.api+json", "application/x-amz-json-1.1", "application/json-patch+json"),
        *("application/graphql+json", "application/x-www-form-urlencoded"),
    ],
)
def test_content_types_of_what_is_sent(media: str) -> None:
    """A type of JSON, the form and plain text can be what a body is."""
    assert refusal({"headers": {"content-type": media}}) == ""


def test_a_problem_is_said_once() -> None:
    """A header of the key at the top is wrong for two endpoints, and one line says so."""
    said = refusal({"headers": {"X-Once": "a"}, "idempotency": {"header": "X-Once"}})
    assert said.count("\n  policy_api") == 1


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ([10], 'and item 1 is the number 10. In quotes it is a text: "10"'),
        (["a", 1.5], 'and item 2 is the number 1.5. In quotes it is a text: "1.5"'),
        (
            [True],
            "and item 1 is true, which YAML also makes of yes and on. In quotes each is a text",
        ),
        (
            ["a", False],
            "and item 2 is false, which YAML also makes of no and off. In quotes each is a text",
        ),
        ([None], "and item 1 is nothing"),
    ],
)
def test_a_list_with_what_is_no_text(value: list[Any], problem: str) -> None:
    """The item that YAML made a number or a boolean is named, and quotes mend it."""
    spec = SPECS["policy_success_statuses"]
    assert RENDERED._value_problem(spec, value) == f"must be a list of texts, {problem}"


@pytest.mark.parametrize("described", ["{create: {}}", ["a"], 1])
def test_a_description_that_is_no_mapping(described: Any) -> None:
    """The page, and that there is no Jinja: an expression of Jinja stays a text."""
    problem = RENDERED._value_problem(SPECS["policy_api"], described)
    assert problem == "must be a mapping, which is written as YAML without Jinja (docs/your_api.md)"


def test_what_the_page_shows_is_right() -> None:
    """Each piece of YAML in docs/your_api.md can be copied."""
    page = (ROOT / "docs" / "your_api.md").read_text(encoding="utf-8")
    pieces = [read_yaml(text) for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    assert len(pieces) >= 3
    for piece in pieces:
        described = piece["vars"]["policy_api"] if "vars" in piece else dict(piece)
        used = re.findall(r"\{secret\.(\w+)\}", json.dumps(described))
        described.setdefault("secrets", {alias: f"db.s.{alias}" for alias in used})
        assert refusal(described) == ""


def test_hosts_and_secrets_of_a_description() -> None:
    """Each host once, the creation's first; each secret once, whatever its aliases."""
    describe(
        read_yaml("""
        secrets: {a: d.s.one, b: D.S.ONE, c: d.s.two}
        headers: {A: "{secret.a}{secret.b}{secret.c}"}
        create: {base_url: "https://B.example:8443/x"}
        poll: {base_url: "https://a.example"}
        trigger: {base_url: "http://localhost"}
        find: {base_url: "https://b.example:8443/y", path: /a, id: /b}
        """)
    )
    hosts = [f"{found['host']}:{found['port']}" for found in RENDERED._policy_api_hosts()]
    assert hosts == ["b.example:8443", "a.example:443", "localhost:80"]
    assert [secret["name"] for secret in RENDERED._named_secrets()] == ["d.s.one", "d.s.two"]
