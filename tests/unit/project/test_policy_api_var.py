"""The var policy_api: completed in one way, and refused by the place of what is wrong."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.repository import ROOT
from tests.unit.project.dbt_source import MACROS
from tests.unit.project.test_policy_data import BAD
from tests.unit.sql_audit.macros import Macros, StoppedError

SOURCES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in MACROS}
HIDDEN = "hunter2"
GIVEN: dict[str, Any] = {}
RENDERED = Macros(SOURCES, context={"var": lambda name, default=None: GIVEN.get(name, default)})
SPECS = RENDERED._setting_specs()
URL = "https://dbttest.free.beeceptor.com"
BREAKER = {
    "policy_id": "{policy_id}",
    "execution_id": "{api_execution_id}",
    "trigger_reason": "{trigger_reason}",
}
DEFAULT: dict[str, Any] = {
    "secrets": {},
    "headers": {"Accept": "application/json"},
    "find": None,
    "create": {
        "method": "POST",
        "url": f"{URL}/createpolicy",
        "body": "{policy}",
        "busy": [],
        "id": None,
        "already": [],
        "key": {"header": "Idempotency-Key"},
    },
    "poll": {
        "method": "GET",
        "url": f"{URL}/policy/{{policy_id}}",
        "body": None,
        "busy": [],
        "id": None,
        "status": None,
    },
    "trigger": {
        "method": "POST",
        "url": f"{URL}/circuit",
        "body": BREAKER,
        "busy": [],
        "confirm": None,
        "already": [],
        "key": {"header": "Idempotency-Key"},
    },
}


def _with(described: Any, **others: Any) -> None:
    GIVEN.clear()
    GIVEN.update(policy_api=described, **others)


def _read(text: str) -> Any:
    return yaml.safe_load(text)


def _said(described: Any, **others: Any) -> str:
    """What the check refuses a description with; nothing where the description is right."""
    _with(described, **others)
    if described is None:
        return ""
    try:
        RENDERED._check_policy_api(described, SPECS)
    except StoppedError as stopped:
        return str(stopped).removeprefix("❌ policy_workflow: ")
    return ""


def _made(described: Any, **others: Any) -> dict[str, Any]:
    """The complete description."""
    assert _said(described, **others) == ""
    made: dict[str, Any] = RENDERED._policy_api(SPECS)
    return made


# --- What a description becomes


def test_without_the_var_it_is_the_sample_api() -> None:
    """The requests of the sample API, with the keys of the breaker's body in their order."""
    made = _made(None)
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
        made = _made(described, policy_api_secret="d.s.token", **variables)
        kind = variables.get("policy_api_secret_type", "generic_string")
        assert made["secrets"] == {"policy_api_secret": kind}
        assert made["headers"] == {"Accept": "application/json", **headers}


def test_what_is_not_said_is_as_in_the_sample_api() -> None:
    """Key by key, but for the idempotency key: that an API knows keys, only its user can say."""
    made = _made({"create": {"id": "/data/id"}})
    assert made["create"] == DEFAULT["create"] | {"id": "/data/id", "key": None}
    assert made["poll"] == DEFAULT["poll"]
    assert made["trigger"] == DEFAULT["trigger"] | {"key": None}
    assert _made({"idempotency": {"header": "Idempotency-Key"}}) == DEFAULT


def test_the_sample_api_described_in_full() -> None:
    """A description that says all that the sample API has is the same as none."""
    described = _read("""
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
    assert json.dumps(_made(described)) == json.dumps(_made(None))


def test_every_key_arrives() -> None:
    """Addresses are joined, one pointer becomes a list, and keys of endpoints come first."""
    made = _made(
        _read("""
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
    assert _made({"trigger": "none"})["trigger"] is _made({"trigger": None})["trigger"] is None
    assert _made({"idempotency": "none"})["create"]["key"] is None


def test_the_settings_of_the_body() -> None:
    """The procedures get the description, and nothing of what it is made of; bodies keep order."""
    body = {"z": 1, "a": {"y": "{policy}", "b": None}}
    _with({"create": {"body": body}}, policy_api_secret="d.s.token")
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
    _with(_read("{secrets: {z: d.s.one, a: d.s.two}, headers: {A: '{secret.z}{secret.a}'}}"))
    head = RENDERED._procedure_ddl("create_policy", "")["statement"]
    assert "\nsecrets = ('a' = d.s.two, 'z' = d.s.one)\n" in head
    assert "\nexternal_access_integrations = (API_EXTERNAL_ACCESS)\n" in head
    explains = RENDERED._procedure_ddl("explain_policy_api", "")["statement"]
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
    "an envelope": """
        create: {id: /data/policy/id, already: [409]}
        poll: {status: /result/state, id: /data/id}
        trigger: {method: PATCH, path: "/breakers/{policy_id}/trip",
                  body: {why: "{trigger_reason}"}, already: [409],
                  confirm: {at: /result/tripped, in: [true]}}
    """,
}


@pytest.mark.parametrize("name", GOOD)
def test_shapes_of_apis(name: str) -> None:
    """APIs of the common shapes can be described."""
    assert _said(_read(GOOD[name])) == ""
    json.dumps(RENDERED._policy_api(SPECS))


def test_hosts_and_secrets_of_a_description() -> None:
    """Each host once, the creation's first; each secret once, whatever its aliases."""
    _with(
        _read("""
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


# --- Wrong descriptions: the YAML, the place that is named, and a word of what would be right

WRONG = [
    # Keys
    ("{creat: {}}", "policy_api.creat", "Did you mean create?"),
    ("{base_url: https://a.b}", "policy_api.base_url", "There are: secrets, headers"),
    ("{create: {pth: /a}}", "policy_api.create.pth", "Did you mean path?"),
    ("{poll: {already: [409]}}", "policy_api.poll.already", "There are: method, path, body"),
    ("{create: {'a b': 1}}", 'policy_api.create["a b"]', "There are: method"),
    ("{trigger: {confirm: {att: /a, in: [x]}}}", "policy_api.trigger.confirm.att", "mean at?"),
    ("{trigger: {confirm: {at: /a}}}", "policy_api.trigger.confirm.in", "[tripped] or [true]"),
    ("{find: {path: /a}}", "policy_api.find.id", "such as /items/0/id"),
    ("{find: {id: /a}}", "policy_api.find.path", "/rules?name={policy.policy_name}"),
    ("{create: {1: 2}}", "policy_api.create", "Put the key in quotes"),
    ("{create: {body: {2026-01-01: 2}}}", "policy_api.create.body", "a key that is a date"),
    # Kinds
    ("{create: none}", "policy_api.create", "must be a mapping. Its keys: method"),
    ("{poll: null}", "policy_api.poll", "must be a mapping"),
    ("{trigger: false}", "policy_api.trigger", "must be a mapping or none"),
    ("{find: [a]}", "policy_api.find", "Got: a list of 1"),
    ("{create: {body: {a: 2026-01-01}}}", "policy_api.create.body.a", "time in quotes"),
    ("{create: {body: {a: [.nan]}}}", "policy_api.create.body.a[0]", "holds NaN"),
    ("{create: {method: GET}}", "policy_api.create.method", "one of POST, PUT, PATCH. Got: GET"),
    ("{create: {method: post}}", "policy_api.create.method", "one of POST, PUT, PATCH"),
    (
        "{find: {path: /a, id: /b, again_after_seconds: 601}}",
        "policy_api.find.again_after_seconds",
        "whole number from 0 to 600. Got: 601",
    ),
    (
        "{find: {path: /a, id: /b, again_after_seconds: null}}",
        "policy_api.find.again_after_sec",
        "0 to",
    ),
    ("{poll: {base_url: http://a.example}}", "policy_api.poll.base_url", "must be an https URL"),
    # Texts that no place may hold
    ("{create: {body: {a: 'x $$ y'}}}", "policy_api.create.body.a", "Take it out"),
    ("{create: {body: {'$$': 1}}}", 'policy_api.create.body["$$"]', "Take it out"),
    ("{create: {body: [{a: '{{ var(1) }}'}]}}", "policy_api.create.body[0].a", "no Jinja"),
    ("{create: {path: '/a{% if %}'}}", "policy_api.create.path", "no Jinja"),
    # Paths
    ("{create: {path: a}}", "policy_api.create.path", "such as /rules/{policy.rule_id}/exec"),
    ("{poll: {path: 17}}", "policy_api.poll.path", "begins with /"),
    ("{poll: {path: null}}", "policy_api.poll.path", "Got: nothing"),
    ("{poll: {path: '/a b'}}", "policy_api.poll.path", "write %20"),
    ("{poll: {path: '/a#b'}}", "policy_api.poll.path", "write %23"),
    ("{poll: {path: '/a{b'}}", "policy_api.poll.path", "itself is %7B"),
    ("{poll: {path: '/a/{policyid}'}}", "policy_api.poll.path", "Did you mean {policy_id}?"),
    (
        "{poll: {path: '/a{?policy_id}'}}",
        "policy_api.poll.path",
        "There are: {policy_id}, {policy.N",
    ),
    ("{create: {path: '/a/{policy}'}}", "policy_api.create.path", "such as {policy.policy_name}"),
    ("{create: {path: '/a/{policy_id}'}}", "policy_api.create.path", "has no value at this step"),
    ("{create: {path: '/a/{policy.rule-id}'}}", "policy_api.create.path", "letters, digits and _"),
    ("{poll: {path: '/a/{trigger_reason}'}}", "policy_api.poll.path", "There are: {policy_id}, "),
    (
        "{secrets: {k: d.s.k}, poll: {path: '/a?key={secret.k}'}}",
        "policy_api.poll.path",
        "every log",
    ),
    # Bodies
    ("{create: {body: '{\"a\": 1}'}}", "policy_api.create.body", "Write it as YAML"),
    ("{create: {body: none}}", "policy_api.create.body", "Only {policy} stands alone"),
    ("{create: {body: 17}}", "policy_api.create.body", "must be a mapping, a list or {policy}"),
    ("{create: {body: {a: 'of {policy}'}}}", "policy_api.create.body.a", "stands alone or not at"),
    (
        "{create: {body: {rule: {name: '{polcy_id}'}}}}",
        "policy_api.create.body.rule.name",
        "There are: {policy}, {policy.NAME}, {execution_id}",
    ),
    (
        "{trigger: {body: {a: '{trigger_resaon}'}}}",
        "policy_api.trigger.body.a",
        "{trigger_reason}?",
    ),
    ("{create: {body: {a: '{policy..b}'}}}", "policy_api.create.body.a", "names no field"),
    ("{create: {body: {q: 'query {id}'}}}", "policy_api.create.body.q", "With spaces, { name }"),
    ("{create: {body: {a: '{api_execution_id}'}}}", "policy_api.create.body.a", "no value at this"),
    ("{poll: {method: POST}}", "policy_api.poll.body", "Say a body, or method: GET"),
    ("{find: {method: POST, path: /a, id: /b}}", "policy_api.find.body", "Say a body"),
    ("{poll: {body: {a: 1}}}", "policy_api.poll.body", "Say method: POST"),
    # Pointers
    (
        "{create: {id: data.id}}",
        "policy_api.create.id",
        "such as /data/id, header:X-Scan-Id or loc",
    ),
    ("{create: {id: $.data.id}}", "policy_api.create.id", "such as /data/id"),
    ("{create: {id: '#/data/id'}}", "policy_api.create.id", "such as /data/id"),
    ("{create: {id: ''}}", "policy_api.create.id", "Name a place in it, such as /data/id"),
    ("{create: {id: '/a~2b'}}", "policy_api.create.id", "RFC 6901"),
    ("{create: {id: 'header:'}}", "policy_api.create.id", "such as header:X-Scan-Id"),
    ("{create: {id: [/a]}}", "policy_api.create.id", "Got: a list of 1"),
    ("{poll: {id: location}}", "policy_api.poll.id", "only create.id and find.id"),
    ("{poll: {status: state}}", "policy_api.poll.status", "such as /state"),
    ("{poll: {status: [/a, b]}}", "policy_api.poll.status[1]", "such as /b"),
    ("{poll: {status: []}}", "policy_api.poll.status", "Got: an empty list"),
    ("{poll: {status: 'header:X'}}", "policy_api.poll.status", "such as /data/state"),
    ("{trigger: {confirm: {at: location, in: [x]}}}", "policy_api.trigger.confirm.at", "/result/"),
    # Statuses and confirmations
    ("{create: {busy: 422}}", "policy_api.create.busy", "such as [422]. Got: 422"),
    ("{create: {already: [302]}}", "policy_api.create.already[0]", "from 400 to 599. Got: 302"),
    ("{create: {already: [409, '409']}}", "policy_api.create.already[1]", "from 400 to 599"),
    ("{create: {already: [401]}}", "policy_api.create.already[0]", "the token is bad"),
    ("{find: {path: /a, id: /b, absent: [403]}}", "policy_api.find.absent[0]", "the token is bad"),
    ("{create: {busy: [422, 422]}}", "policy_api.create.busy[1]", "stands twice"),
    (
        "{create: {busy: [409], already: [409]}}",
        "policy_api.create.already",
        "in already and in busy",
    ),
    ("{trigger: {confirm: tripped}}", "policy_api.trigger.confirm", "{at: /pointer, in: [words]}"),
    ("{trigger: {confirm: {at: /a, in: true}}}", "policy_api.trigger.confirm.in", "at least one"),
    (
        "{trigger: {confirm: {at: /a, in: []}}}",
        "policy_api.trigger.confirm.in",
        "at least one word",
    ),
    (
        "{trigger: {confirm: {at: /a, in: [{a: 1}]}}}",
        "policy_api.trigger.confirm.in[0]",
        "a text, a",
    ),
    # Secrets
    ("{secrets: [a]}", "policy_api.secrets", "such as {key: database.schema.secret}"),
    ("{secrets: {a: token}}", "policy_api.secrets.a", "must be database.schema.secret"),
    ("{secrets: {a-b: d.s.t}}", "policy_api.secrets.a-b", "letters, digits and _"),
    (
        "{secrets: {a: {name: d.s.t, typ: oauth2}}}",
        "policy_api.secrets.a.typ",
        "Did you mean type?",
    ),
    (
        "{secrets: {a: {name: d.s.t, type: basic}}}",
        "policy_api.secrets.a.type",
        "password or oauth2",
    ),
    ("{secrets: {a: d.s.t}}", "policy_api.secrets.a", "Write {secret.a} into a header or a body"),
    ("{headers: {A: '{secret.a}'}}", "policy_api.headers.A", "a: database.schema.secret"),
    (
        "{secrets: {key: d.s.t}, headers: {A: '{secret.keys}'}}",
        "policy_api.headers.A",
        "{secret.key}?",
    ),
    (
        "{secrets: {a: d.s.t}, headers: {A: '{secret.a.username}'}}",
        "policy_api.headers.A",
        "password",
    ),
    # Headers
    ("{headers: [a]}", "policy_api.headers", "such as {X-Api-Key: ...}"),
    ("{headers: {'a b': c}}", 'policy_api.headers["a b"]', "such as X-Api-Key"),
    ("{headers: {host: a.b}}", "policy_api.headers.host", "Leave it out"),
    ("{headers: {Content-Length: '1'}}", "policy_api.headers.Content-Length", "Leave it out"),
    ("{headers: {X-A: a, x-a: b}}", "policy_api.headers.x-a", "a header's name has no case"),
    ("{headers: {X-Version: 2}}", "policy_api.headers.X-Version", "put a number in quotes"),
    ('{headers: {X-A: "a\\nb"}}', "policy_api.headers.X-A", "without control characters"),
    ("{headers: {X-A: ' a'}}", "policy_api.headers.X-A", "without a space at its ends"),
    ("{headers: {X-A: '{policy_id}'}}", "policy_api.headers.X-A", "There are only secrets"),
    (
        f"{{headers: {{Authorization: Bearer {HIDDEN}}}}}",
        "policy_api.headers.Authorization",
        "a SECRET",
    ),
    (f"{{headers: {{X-Api-Key: {HIDDEN}}}}}", "policy_api.headers.X-Api-Key", "{secret.ALIAS}"),
    (f"{{headers: {{cookie: {HIDDEN}}}}}", "policy_api.headers.cookie", "into a SECRET"),
    # The idempotency key
    (
        "{idempotency: Idempotency-Key}",
        "policy_api.idempotency",
        "{header: NAME}, {body: /pointer}",
    ),
    (
        "{idempotency: {header: a, body: /b}}",
        "policy_api.idempotency",
        "{header: NAME}, {body: /po",
    ),
    ("{idempotency: {heder: a}}", "policy_api.idempotency.heder", "Did you mean header?"),
    ("{idempotency: {header: 'a b'}}", "policy_api.idempotency.header", "such as Idempotency-Key"),
    (
        "{create: {idempotency: {header: Accept}}}",
        "policy_api.create.idempotency.header",
        "Leave it",
    ),
    ("{idempotency: {body: a}}", "policy_api.idempotency.body", "such as /a"),
    (
        "{idempotency: {body: /policy_id}}",
        "policy_api.idempotency.body",
        "body of trigger says some",
    ),
    ("{idempotency: {body: /policy_id/a}}", "policy_api.idempotency.body", "Take another place"),
    (
        "{create: {body: [1], idempotency: {body: /a}}}",
        "policy_api.create.idempotency.body",
        "Take {header: NAME}",
    ),
    (
        "{create: {body: null, idempotency: {body: /a}}}",
        "policy_api.create.idempotency.body",
        "the body of create is no mapping",
    ),
    (
        "{headers: {x-once: a}, idempotency: {header: X-Once}}",
        "policy_api.idempotency.header",
        "a key of its own",
    ),
]


@pytest.mark.parametrize(("text", "place", "right"), WRONG, ids=[text for text, _, _ in WRONG])
def test_a_wrong_description_is_refused_by_its_place(text: str, place: str, right: str) -> None:
    """With what would be right there, and without what may be secret."""
    head, *lines, last = _said(_read(text)).split("\n")
    assert head == "the var policy_api does not describe an API. Nothing was sent."
    assert last == "How an API is described: docs/your_api.md"
    assert [line for line in lines if line.startswith(f"  {place}") and right in line], lines
    assert HIDDEN not in "\n".join(lines)


def test_every_problem_is_met() -> None:
    """Every text of a problem is said by some refusal."""
    others = [
        _said({"create": {"body": {"a": "\ud800"}}}),
        _said({"create": {"body": [0] * 2001}}),
        _said({"secrets": {"a": "d.s.t"}}, policy_api_secret="d.s.u"),
        _said({"headers": {"A": "b"}}, policy_api_secret="d.s.u"),
    ]
    said = "\n".join([*(_said(_read(text)) for text, _, _ in WRONG), *others])
    longest = {
        name: max(re.split("{[a-z_]+}", "".join(text)), key=len)
        for name, text in RENDERED._problem_texts().items()
    }
    assert [name for name, part in longest.items() if part not in said] == []


def test_secrets_stand_in_one_place() -> None:
    """The var policy_api_secret and `secrets` exclude each other, and neither is left unused."""
    described = {"secrets": {"a": "d.s.t"}, "headers": {"A": "{secret.a}"}}
    assert "Say it in one place" in _said(described, policy_api_secret="d.s.u")
    said = _said({"headers": {"A": "b"}}, policy_api_secret="d.s.u")
    assert "policy_api: the var policy_api_secret is set, and no header and no body uses it" in said
    used = {"headers": {"X": "{secret.policy_api_secret}"}}
    assert _said(used, policy_api_secret="d.s.u") == ""
    body = {"headers": {}, "create": {"body": {"a": "{secret.policy_api_secret}"}}}
    assert _said(body, policy_api_secret="d.s.u") == ""


def test_a_description_of_many_problems() -> None:
    """The first ten are said, and how many more there are."""
    said = _said({f"k{number}": 1 for number in range(25)})
    assert said.count("there is no such key") == 10
    assert "  ... and 15 more\n" in said


@pytest.mark.parametrize("seed", ["x" * 100, {"x": "y"}], ids=["text", "object"])
def test_aliases_that_make_many_of_few(seed: Any) -> None:
    """Aliases can make 2 ** 45 values, or one that holds itself: not all are looked at."""
    value = seed
    for _ in range(45):
        value = [value, value]
    assert "Describe one API" in _said({"create": {"body": value}})
    body: dict[str, Any] = {}
    body["self"] = body
    assert "over 20 levels deep" in _said({"create": {"body": body}})


def test_every_command_checks_the_description() -> None:
    """The check of the settings is what refuses it, before anything is sent."""
    found = Macros(SOURCES, context={"var": lambda name, default=None: GIVEN.get(name, default)})
    _with({"creat": {}})
    with pytest.raises(StoppedError, match="Did you mean create"):
        found.retry_policy_workflow()
    assert found.sent == []


NAMES = st.sampled_from(
    [
        *(
            "secrets",
            "headers",
            "idempotency",
            "find",
            "create",
            "poll",
            "trigger",
            "method",
            "path",
        ),
        *("body", "id", "status", "already", "busy", "absent", "confirm", "at", "in", "base_url"),
        *("header", "name", "type", "keys", "items", "get", "k", "Accept", "X-Key", "none"),
    ]
) | st.text(max_size=4)
TEXTS = st.sampled_from(
    [
        *("", "none", "/a/b", "{policy}", "{policy.a}", "{policy_id}", "{secret.k}", "location"),
        *("header:X", "POST", "GET", "/a/{policy_id}?b={execution_id}", "a.b.c", "password", "$$"),
        *("{{x}}", "~", "{", "}", "{}", "\ud800", "x" * 50),
    ]
) | st.text(max_size=6)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | BAD.map(lambda bad: bad[0])
)
ANY = st.recursive(
    LEAVES | st.sampled_from([401, 404, 409, 422]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
ENDPOINTS = ANY | st.fixed_dictionaries(
    {},
    optional={
        "method": st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
        "path": TEXTS,
        "body": ANY,
        "id": st.sampled_from(["/a", "location", None]) | ANY,
        "status": st.sampled_from(["/a", ["/a", "/b"]]) | ANY,
        "busy": st.lists(st.sampled_from([409, 422]), max_size=2) | ANY,
        "already": st.lists(st.sampled_from([409, 422]), max_size=2) | ANY,
        "idempotency": st.sampled_from([None, "none", {"header": "K"}, {"body": "/a/b"}]) | ANY,
        "confirm": st.just({"at": "/a", "in": [True]}) | ANY,
        "base_url": ANY,
    },
)
DESCRIPTIONS = st.dictionaries(NAMES, ANY) | st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("find", "create", "poll", "trigger"), ENDPOINTS),
        "secrets": st.just({"k": "a.b.c"}) | ANY,
        "headers": st.just({"A": "{secret.k}"}) | ANY,
        "idempotency": st.sampled_from([None, "none", {"header": "K"}, {"body": "/a/b"}]) | ANY,
    },
)


@settings(max_examples=120, deadline=None)
@given(DESCRIPTIONS, st.booleans())
def test_any_mapping_is_completed_or_refused(described: dict[Any, Any], has_secret: bool) -> None:
    """No mapping of any shape ends the check in another way than by our refusal."""
    others = {"policy_api_secret": "a.b.c"} if has_secret else {}
    said = _said(described, **others)
    if said:
        assert said.startswith("the var policy_api does not describe an API. Nothing was sent.\n  ")
    else:
        assert set(json.loads(json.dumps(RENDERED._policy_api(SPECS)))) == set(DEFAULT)
        assert RENDERED._policy_api_hosts()
