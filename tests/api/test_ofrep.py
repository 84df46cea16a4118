"""OFREP: the protocol's own words, and the official OpenFeature SDK against a real server."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from uuid import uuid4

import jsonschema
import pytest
import uvicorn
from openfeature import api as openfeature
from openfeature.client import OpenFeatureClient
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import Reason
from starlette.applications import Starlette
from starlette.middleware import Middleware

from api import mount, ofrep_mount
from api.recording import Recorded
from core.kernel.actor import Actor
from core.platform.flags import actions, audience, evaluating
from core.platform.keys import actions as keys
from tests.core.customers.test_tenants import make as make_tenant

ONE, ALL = "/api/ofrep/v1/evaluate/flags/{key}", "/api/ofrep/v1/evaluate/flags"
SYSTEM = Actor.system("test")
_TEXT = {"type": "string"}
_FAILED = {"key": _TEXT, "errorDetails": _TEXT}
# What the protocol's OpenAPI document (open-feature/protocol, service/openapi.yaml) asks of each answer.
_EVALUATION = {
    "required": ["key", "reason", "variant", "value"],
    "properties": {
        "key": _TEXT, "reason": _TEXT, "variant": _TEXT, "value": {"type": ["boolean", "string", "number", "object"]},
        "metadata": {"type": "object", "additionalProperties": {"type": ["boolean", "string", "number"]}},
    },
}  # fmt: skip
_CODES = {"enum": ["PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "GENERAL"]}
_FAILURE = {"required": ["key", "errorCode"], "properties": {**_FAILED, "errorCode": _CODES}}
SCHEMAS = {
    "evaluation": _EVALUATION,
    "failure": _FAILURE,
    "not found": {
        "required": ["key", "errorCode"],
        "properties": {**_FAILED, "errorCode": {"enum": ["FLAG_NOT_FOUND"]}},
    },
    "bulk": {"required": ["flags"], "properties": {"flags": {"items": {"oneOf": [_EVALUATION, _FAILURE]}}}},
    "bulk failure": {"required": ["errorCode"], "properties": {"errorCode": _TEXT, "errorDetails": _TEXT}},
}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    audience.forget()
    evaluating.of.cache_clear()
    yield
    evaluating.of.cache_clear()


def fits(name: str, body: object) -> None:
    jsonschema.validate(body, {"type": "object", **SCHEMAS[name]})


def make_flags() -> None:
    full = {"is_enabled": True, "rollout_percentage": 100}
    actions.create(SYSTEM, key="new-grid", name="New grid", **full)
    actions.create(
        SYSTEM,
        key="colour",
        name="Colour",
        kind="multivariate",
        variants={"red": "#f00", "blue": "#00f"},
        off_variant="red",
        **full,
    )
    actions.create(
        SYSTEM,
        key="limit",
        name="Limit",
        kind="multivariate",
        variants={"low": 5, "high": 50},
        off_variant="low",
        **full,
    )
    actions.create(
        SYSTEM,
        key="ratio",
        name="Ratio",
        kind="multivariate",
        variants={"low": 0.5, "high": 1.0},
        off_variant="low",
        **full,
    )
    actions.create(
        SYSTEM,
        key="model",
        name="Model",
        kind="json",
        variants={"small": {"name": "s"}, "large": {"name": "l"}},
        off_variant="small",
        config={"n": 1},
        **full,
    )


@pytest.fixture
def caller(signed_in, monkeypatch):
    make_flags()
    return signed_in("super_admin")


def ask(client, key="new-grid", context=None, **more):
    return client.post(ONE.format(key=key), json={"context": context or {"targetingKey": "t1"}}, **more)


def test_one_flag(caller):
    answer = ask(caller)
    fits("evaluation", answer.json())
    known = {"key": "new-grid", "reason": "STATIC", "variant": "on", "value": True}
    assert (answer.status_code, {name: answer.json()[name] for name in known}) == (200, known)
    assert answer.json()["metadata"] == {"environment": "production", "sentence": "On for everybody."}
    model = ask(caller, "model").json()
    assert (model["value"], json.loads(model["metadata"]["config"])) == ({"name": "l"}, {"n": 1})


@pytest.mark.parametrize(
    ("send", "status", "code"),
    [
        ({"content": b"{nonsense"}, 400, "PARSE_ERROR"),
        ({"json": {"context": "me"}}, 400, "INVALID_CONTEXT"),
        ({"json": []}, 400, "INVALID_CONTEXT"),
        ({"json": {"context": {"targetingKey": 7}}}, 400, "INVALID_CONTEXT"),
        ({"json": {"context": {}}}, 400, "TARGETING_KEY_MISSING"),
        ({"json": {"context": {"targetingKey": ""}}}, 400, "TARGETING_KEY_MISSING"),
        ({}, 400, "TARGETING_KEY_MISSING"),
    ],
)
def test_what_is_wrong_with_a_call_is_said_as_the_protocol_says_it(caller, send, status, code):
    for path in (ONE.format(key="new-grid"), ALL):
        answer = caller.post(path, **send)
        assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
        fits("bulk failure" if path == ALL else "failure", answer.json())


def test_a_flag_that_does_not_exist_is_not_found(caller):
    answer = ask(caller, "nothing")
    assert (answer.status_code, answer.json()["errorCode"], answer.json()["key"]) == (404, "FLAG_NOT_FOUND", "nothing")
    fits("not found", answer.json())


def test_all_flags_have_an_etag_that_changes_with_them(caller):
    body = {"context": {"targetingKey": "t1"}}
    first = caller.post(ALL, json=body)
    fits("bulk", first.json())
    assert [one["key"] for one in first.json()["flags"]] == ["colour", "limit", "model", "new-grid", "ratio"]
    known = {"If-None-Match": first.headers["etag"]}
    again = caller.post(ALL, json=body, headers=known)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    actions.kill(SYSTEM, evaluating.of("production").look().definitions["new-grid"].id, "production", reason="x")
    evaluating.of("production").look()
    changed = caller.post(ALL, json=body, headers=known)
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


def test_in_bulk_a_flag_that_cannot_be_evaluated_fails_alone(caller):
    actions.create(SYSTEM, key="per-user", name="Per user", unit="user", is_enabled=True, rollout_percentage=50)
    evaluating.of("production").look()
    assert ask(caller, "per-user").json()["errorCode"] == "TARGETING_KEY_MISSING"
    flags = {one["key"]: one for one in caller.post(ALL, json={"context": {"targetingKey": "t1"}}).json()["flags"]}
    assert flags["per-user"]["errorCode"] == "TARGETING_KEY_MISSING"
    assert flags["new-grid"]["value"] is True
    context = {"targetingKey": "u1", "tenantId": "t1"}
    assert ask(caller, "per-user", context).json()["reason"] in ("SPLIT", "DEFAULT")


def test_facts_of_the_tenant_count_more_than_what_the_caller_says(caller):
    rule = {
        "conditions": [{"attribute": "plan", "operator": "in", "values": ["enterprise"]}],
        "serve": {"variant": "on"},
    }
    flag = actions.create(SYSTEM, key="big", name="Big", is_enabled=True)
    actions.configure(SYSTEM, flag.id, "production", version=1, rules=[rule])
    evaluating.of("production").look()
    tenant = make_tenant(SYSTEM, "Acme", tier="enterprise")
    small = make_tenant(SYSTEM, "Bolt", tier="free")
    assert ask(caller, "big", {"targetingKey": str(tenant.id)}).json()["value"] is True
    assert ask(caller, "big", {"targetingKey": str(small.id), "plan": "enterprise"}).json()["value"] is False
    assert ask(caller, "big", {"targetingKey": "unknown", "plan": "enterprise"}).json()["value"] is True


def test_a_key_of_a_tenant_evaluates_for_its_own_tenant_only(client):
    make_flags()
    tenant, other = make_tenant(SYSTEM, "Acme"), make_tenant(SYSTEM, "Bolt")
    flag_id = evaluating.of("production").look().definitions["colour"].id
    actions.set_override(SYSTEM, flag_id, tenant.id, environment="production", variant="red", reason="x")
    evaluating.of("production").look()
    issued = keys.create(SYSTEM, tenant_id=tenant.id, name="App", scopes=["flags:evaluate"])
    headers = {"Authorization": f"Bearer {issued.key}"}
    assert ask(client, "colour", {"targetingKey": "user-7"}, headers=headers).json()["variant"] == "red"
    assert client.post(ONE.format(key="colour"), headers=headers).json()["variant"] == "red"
    refused = ask(client, "colour", {"targetingKey": "user-7", "tenantId": str(other.id)}, headers=headers)
    assert refused.status_code == 403


def test_who_may_not_evaluate_is_refused(client, signed_in):
    make_flags()
    assert ask(client).status_code == 401
    issued = keys.create(SYSTEM, tenant_id=None, name="Reader", scopes=["flags:read"])
    assert ask(client, headers={"Authorization": f"Bearer {issued.key}"}).status_code == 403
    assert ask(signed_in("support")).status_code == 403


# The official SDK and provider, over TCP.


@pytest.fixture
def served(committed_db) -> Iterator[str]:
    """The API on a port of its own, also at the root."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = Starlette(routes=[mount, ofrep_mount], middleware=[Middleware(Recorded)])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def sdk(base: str, **factory: object) -> OpenFeatureClient:
    domain = str(uuid4())
    openfeature.set_provider(OFREPProvider(base, **factory), domain)
    return openfeature.get_client(domain)


@pytest.mark.parametrize("base", ["", "/api"])
def test_the_official_sdk_evaluates_every_kind(served, base):
    make_flags()
    tenant = make_tenant(SYSTEM, "Acme")
    issued = keys.create(SYSTEM, tenant_id=None, name="Backend", scopes=["flags:evaluate"])
    client = sdk(served + base, headers_factory=lambda: {"Authorization": f"Bearer {issued.key}"})
    context = EvaluationContext(str(tenant.id), {"country": "FR"})
    details = client.get_boolean_details("new-grid", False, context)
    assert (details.value, details.variant, details.reason) == (True, "on", Reason.STATIC)
    assert details.flag_metadata["sentence"] == "On for everybody."
    assert client.get_string_value("colour", "none", context) == "#00f"
    assert client.get_integer_value("limit", 0, context) == 50
    assert client.get_float_value("ratio", 0.0, context) == 1.0
    assert client.get_object_value("model", {}, context) == {"name": "l"}


def test_the_official_sdk_falls_back_to_its_default(served):
    make_flags()
    issued = keys.create(SYSTEM, tenant_id=None, name="Backend", scopes=["flags:evaluate"])
    client = sdk(served, headers_factory=lambda: {"X-API-Key": issued.key})
    context = EvaluationContext("t1")
    missing = client.get_boolean_details("nothing", True, context)
    assert (missing.value, missing.error_code) == (True, ErrorCode.FLAG_NOT_FOUND)
    assert client.get_boolean_details("colour", True, context).error_code == ErrorCode.TYPE_MISMATCH
    assert (
        client.get_boolean_details("new-grid", False, EvaluationContext()).error_code == ErrorCode.TARGETING_KEY_MISSING
    )
    stranger = sdk(served)
    assert stranger.get_boolean_details("new-grid", False, context).error_message == "unauthorized"


def test_the_official_sdk_sees_a_kill(served):
    make_flags()
    issued = keys.create(SYSTEM, tenant_id=None, name="Backend", scopes=["flags:evaluate"])
    client = sdk(served, headers_factory=lambda: {"X-API-Key": issued.key})
    context = EvaluationContext("t1")
    assert client.get_boolean_value("new-grid", False, context) is True
    flag_id = evaluating.of("production").look().definitions["new-grid"].id
    actions.kill(SYSTEM, flag_id, "production", reason="Orders fail")
    begun = time.monotonic()
    while client.get_boolean_value("new-grid", False, context):
        assert time.monotonic() - begun < 10
        time.sleep(0.05)
    details = client.get_boolean_details("new-grid", True, context)
    assert (details.value, details.reason, details.flag_metadata["sentence"]) == (
        False,
        Reason.DISABLED,
        "Killed: Orders fail",
    )
