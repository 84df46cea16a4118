"""API keys over HTTP: the door with its headers, and the life of a key."""

import logging
from uuid import uuid4

import pytest

from api import limits
from core.customers.tenants import actions as tenants
from core.health.requests import recorder
from core.platform.keys import actions, format, uses
from core.platform.keys.limiting import Limiter
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.platform.test_keys import make
from tests.core.platform.test_keys_limiting import Clock

TENANTS, KEYS = "/api/v1/superadmin/tenants", "/api/v1/superadmin/api-keys"
SYNC = {"name": "Sync", "scopes": ["tenants:read"]}


def bearer(issued, **more):
    return {"Authorization": f"Bearer {issued.key}"} | more


@pytest.fixture(autouse=True)
def _quiet_clock(monkeypatch):
    """The limit of each test begins anew, and no second passes."""
    monkeypatch.setattr(limits, "_limiter", Limiter(Clock()))


def test_a_key_is_taken_in_either_header(client, system):
    make_tenant(system, "Acme")
    issued = make(system)
    for headers in (bearer(issued), {"Authorization": f"bearer  {issued.key} "}, {"X-API-Key": issued.key}):
        answer = client.get(TENANTS, headers=headers)
        assert [item["name"] for item in answer.json()["items"]] == ["Acme"], headers


def test_a_wrong_key_is_refused_even_beside_a_session(signed_in, system):
    client = signed_in("admin")
    assert client.get(TENANTS).status_code == 200
    for headers in (
        {"Authorization": f"Bearer {format.new_key('iris', 'live')}"}, {"Authorization": "Bearer "}, {"X-API-Key": ""},
        {"X-API-Key": "nonsense"}, bearer(make(system), **{"X-API-Key": "other"}),
    ):  # fmt: skip
        answer = client.get(TENANTS, headers=headers)
        assert answer.status_code == 401, headers
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"] == 'Bearer realm="quarterdeck", error="invalid_token"'
        assert "ratelimit" not in answer.headers


def test_without_a_key_the_answer_says_what_to_send(client):
    answer = client.get(TENANTS)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="quarterdeck"')


def test_another_site_may_send_a_key_and_not_a_session(signed_in, system):
    client, other = signed_in("admin"), {"Origin": "https://other.example", "Sec-Fetch-Site": "cross-site"}
    acme = {"name": "Acme", "domain": "acme.example"}
    assert client.post(TENANTS, json=acme, headers=other).status_code == 403
    issued = make(system, scopes=["tenants:create"])
    assert client.post(TENANTS, json=acme, headers=bearer(issued, **other)).status_code == 201


def test_a_key_does_what_its_scopes_say_and_the_audit_names_it(client, system, raw):
    issued = make(system, "Importer", scopes=["tenants:create"])
    acme = {"name": "Acme", "domain": "acme.example"}
    made = client.post(TENANTS, json=acme, headers=bearer(issued, **{"X-Request-ID": "request-0007"}))
    assert made.status_code == 201
    entry = raw("SELECT * FROM audit_entry WHERE action = 'tenants.create'")[0]
    assert (entry.actor_id, entry.actor_name, entry.actor_role) == (issued.row.id, "Importer", "api_key")
    assert (entry.channel, entry.request_id) == ("api", "request-0007")
    assert client.get(TENANTS, headers=bearer(issued)).status_code == 403


def test_a_key_of_a_tenant_sees_its_rows_only(client, system):
    mine, other = make_tenant(system, "Mine"), make_tenant(system, "Other")
    headers = bearer(make(system, tenant_id=mine.id, scopes=["tenants:read", "tenants:update", "users:read"]))
    assert [item["name"] for item in client.get(TENANTS, headers=headers).json()["items"]] == ["Mine"]
    assert client.get(f"{TENANTS}/{mine.id}", headers=headers).status_code == 200
    assert client.get(f"{TENANTS}/{other.id}", headers=headers).status_code == 404
    assert client.patch(f"{TENANTS}/{other.id}", json={"region": "APAC"}, headers=headers).status_code == 404
    assert client.patch(f"{TENANTS}/{mine.id}", json={"region": "APAC"}, headers=headers).json()["region"] == "APAC"


def test_a_suspended_tenant_and_a_foreign_address_are_403(client, system):
    tenant = make_tenant(system)
    tenants.suspend(system, tenant.id, reason="Unpaid")
    for issued in (make(system, tenant_id=tenant.id), make(system, allowed_networks=["192.0.2.0/24"])):
        answer = client.get(TENANTS, headers=bearer(issued))
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:quarterdeck:denied"


def test_every_answer_to_a_key_tells_what_is_left(client, system):
    issued = make(system, rate_limit_per_minute=3)
    told = [client.get(f"{TENANTS}{end}", headers=bearer(issued)) for end in ("", "/nonsense", f"/{uuid4()}", "")]
    assert [answer.status_code for answer in told] == [200, 422, 404, 429]
    assert [answer.headers["ratelimit"].split(";")[1] for answer in told] == ["r=2", "r=1", "r=0", "r=0"]
    assert {answer.headers["ratelimit-policy"] for answer in told} == {'"key";q=3;w=60'}
    over = told[-1]
    assert over.json()["type"] == "urn:quarterdeck:rate_limited"
    assert 1 <= int(over.headers["retry-after"]) <= 61
    assert over.headers["ratelimit"] == f'"key";r=0;t={over.headers["retry-after"]}'
    assert client.get(TENANTS, headers=bearer(make(system))).status_code == 200


def test_the_request_record_names_key_and_tenant(client, system, monkeypatch):
    rows = []
    monkeypatch.setattr(recorder, "add", lambda **row: rows.append(row))
    tenant = make_tenant(system)
    issued = make(system, tenant_id=tenant.id)
    client.get(TENANTS, headers=bearer(issued))
    client.get(TENANTS)
    assert [(row["key_id"], row["tenant_id"], row["status"]) for row in rows] == [
        (issued.row.id, tenant.id, 200), (None, None, 401),
    ]  # fmt: skip


def test_a_call_is_noted_as_use(client, system, raw):
    issued = make(system)
    for _ in range(3):
        client.get(TENANTS, headers=bearer(issued, **{"X-Forwarded-For": "1.2.3.4"}))
    uses.flush()
    row = raw("SELECT * FROM api_key_use WHERE key_id = :id", id=issued.row.id)[0]
    assert row.last_used_at >= row.first_used_at


def test_life_of_a_key(signed_in, raw):
    client = signed_in("super_admin")
    made = client.post(KEYS, json=SYNC | {"expires_at": "2099-01-01T00:00:00Z", "allowed_networks": []})
    assert made.status_code == 201
    where, body = made.headers["location"], made.json()
    assert format.is_key(body["key"]) and body["status"] == "active"
    shown = client.get(where)
    assert "key" not in shown.json() and body["key"] not in shown.text
    assert shown.headers["etag"] == '"1"'
    changed = client.patch(where, json={"expires_at": None, "rate_limit_per_minute": 9}, headers={"If-Match": '"1"'})
    assert (changed.json()["expires_at"], changed.json()["rate_limit_per_minute"]) == (None, 9)
    assert client.patch(where, json={"name": "Late"}, headers={"If-Match": '"1"'}).status_code == 412
    rotated = client.post(f"{where}/rotate", json={"overlap_hours": 1})
    client.cookies.clear()
    for key in (body["key"], rotated.json()["key"]):
        assert client.get(TENANTS, headers={"X-API-Key": key}).status_code == 200
    assert raw("SELECT hint FROM api_key")[0].hint == rotated.json()["key"][-4:]
    uses.flush()
    row = raw("SELECT * FROM api_key_use")[0]
    assert row.previous_used_at < row.last_used_at


def test_a_revoked_key_is_refused_and_can_still_be_identified(signed_in, system):
    client, issued = signed_in("super_admin"), make(system, "Leaked")
    where = f"{KEYS}/{issued.row.id}"
    assert client.delete(where).status_code == 422
    gone = client.delete(where, params={"reason": "Found in a gist"})
    assert (gone.json()["status"], gone.json()["revocation_reason"]) == ("revoked", "Found in a gist")
    refused = client.get(TENANTS, headers=bearer(issued))
    assert (refused.status_code, refused.json()["detail"]) == (401, "This API key was revoked.")
    found = client.post(f"{KEYS}/identify", json={"key": issued.key})
    assert (found.json()["id"], found.json()["status"]) == (str(issued.row.id), "revoked")
    assert client.post(f"{KEYS}/identify", json={"key": format.new_key("iris", "live")}).status_code == 404
    assert client.get(KEYS, params={"search": issued.key}).status_code == 422


def test_list_filters_and_pages(signed_in, system):
    client = signed_in("developer")
    for number in range(3):
        make(system, f"Key {number}", mode="test" if number == 1 else "live")
    first = client.get(KEYS, params={"limit": 2}).json()
    second = client.get(KEYS, params={"limit": 2, "cursor": first["next"]}).json()
    assert [item["name"] for item in first["items"] + second["items"]] == ["Key 2", "Key 1", "Key 0"]
    assert [item["name"] for item in client.get(KEYS, params={"mode": "test"}).json()["items"]] == ["Key 1"]
    assert len(client.get(KEYS, params={"flag": "never expires"}).json()["items"]) == 3
    assert client.get(KEYS, params={"flag": "pretty"}).status_code == 422


def test_the_same_idempotency_key_makes_one_key(signed_in, raw):
    client = signed_in("super_admin")
    answers = [client.post(KEYS, json=SYNC, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len(raw("SELECT 1 FROM api_key")) == 1
    stored = raw("SELECT body FROM api_answer")[0].body
    assert answers[0].json()["key"].encode() not in bytes(stored)


def test_rights_hold_over_http(signed_in, system):
    client = signed_in("admin")
    issued = make(system)
    assert client.get(KEYS).status_code == 200
    assert client.post(KEYS, json=SYNC).status_code == 403
    assert client.post(f"{KEYS}/{issued.row.id}/rotate", json={}).status_code == 403
    assert client.get(f"{KEYS}/{uuid4()}").status_code == 404
    assert client.post(KEYS, json=SYNC | {"digest": "x"}).status_code == 422


def test_a_key_that_may_only_create_still_gets_the_new_key(client, system, raw):
    maker = make(system, scopes=["api_keys:create", "tenants:read"])
    made = client.post(KEYS, json=SYNC, headers=bearer(maker))
    assert made.status_code == 201
    assert format.is_key(made.json()["key"])
    assert client.post(KEYS, json=SYNC | {"scopes": ["users:read"]}, headers=bearer(maker)).status_code == 403


def test_no_secret_reaches_the_logs(client, system, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    issued = make(system)
    again = actions.rotate(system, issued.row.id)
    wrong = format.new_key("iris", "live")
    for key in (issued.key, again.key, wrong):
        client.get(TENANTS, headers={"X-API-Key": key})
        client.get(KEYS, headers={"X-API-Key": key})
    told = "".join([caplog.text, *capfd.readouterr()])
    assert TENANTS in told
    for key in (issued.key, again.key, wrong):
        assert key[10:50] not in told
