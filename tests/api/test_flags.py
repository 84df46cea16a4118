"""Feature flags over HTTP: the endpoints of the models document, under the same rights as the page."""

from uuid import uuid4

import pytest

from core.platform.flags import evaluating
from tests.core.customers.test_tenants import make as make_tenant

PATH = "/api/v1/superadmin/flags"
GRID = {"key": "new-grid", "name": "New grid"}


@pytest.fixture(autouse=True)
def _fresh():
    evaluating.of.cache_clear()
    yield
    evaluating.of.cache_clear()


def test_life_of_a_flag(signed_in, raw):
    client = signed_in("super_admin")
    made = client.post(PATH, json=GRID | {"rollout_percentage": 25, "config": {"limit": 5}})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    where = made.headers["location"]
    assert made.json()["variants"] == {"on": True, "off": False}
    changed = client.patch(where, json={"name": "Better grid"}, headers={"If-Match": '"1"'})
    assert (changed.json()["name"], changed.headers["etag"]) == ("Better grid", '"2"')
    on = client.post(f"{where}/toggle", json={})
    assert (on.json()["is_enabled"], on.json()["environment"], on.headers["etag"]) == (True, "production", '"2"')
    row = client.get(PATH).json()["items"][0]
    assert (row["state"], row["rollout_percentage"], row["last_evaluated_at"]) == ("partial", 25.0, None)
    gone = client.delete(where, params={"reason": "Everybody has it"}, headers={"If-Match": '"2"'})
    assert gone.json()["archived_at"].endswith("Z")
    assert client.get(PATH).json()["items"] == []
    assert len(client.get(PATH, params={"archived": True}).json()["items"]) == 1
    assert client.post(f"{where}/restore").json()["archived_at"] is None
    assert {row.channel for row in raw("SELECT channel FROM audit_entry WHERE action LIKE 'flags.%'")} == {"api"}


def test_list_filters_and_pages(signed_in):
    client = signed_in("super_admin")
    for number in range(3):
        client.post(PATH, json={"key": f"flag-{number}", "name": f"Flag {number}"})
    first = client.get(PATH, params={"limit": 2}).json()
    second = client.get(PATH, params={"limit": 2, "cursor": first["next"]}).json()
    assert [one["key"] for one in first["items"] + second["items"]] == ["flag-2", "flag-1", "flag-0"]
    assert [one["key"] for one in client.get(PATH, params={"search": "flag 1"}).json()["items"]] == ["flag-1"]
    assert client.get(PATH, params={"state": ["on", "partial"]}).json()["items"] == []


def test_environment_is_configured_against_its_version(signed_in):
    client = signed_in("super_admin")
    where = client.post(PATH, json=GRID).headers["location"] + "/environments/staging"
    rule = {"conditions": [{"attribute": "plan", "operator": "in", "values": ["pro"]}], "serve": {"variant": "on"}}
    change = {"is_enabled": True, "rules": [rule], "enable_at": "2040-01-01T00:00:00Z"}
    answer = client.patch(where, json=change, headers={"If-Match": '"1"'})
    assert answer.json()["rules"][0]["percentage"] == 100
    assert answer.headers["etag"] == '"2"'
    assert client.patch(where, json={"is_enabled": False}, headers={"If-Match": '"1"'}).status_code == 412
    assert client.patch(where, json={"enable_at": None}).json()["enable_at"] is None
    assert client.get(where, headers={"If-None-Match": '"3"'}).status_code == 304
    bad = client.patch(where, json={"rules": [{"serve": {"variant": ["on"]}}]})
    assert (bad.status_code, set(bad.json()["errors"])) == (422, {"rules"})


@pytest.mark.parametrize("verbs", [("kill", "revive"), ("pause", "resume")])
def test_kill_and_pause_take_a_reason_and_end(signed_in, verbs):
    client = signed_in("super_admin")
    where = client.post(PATH, json=GRID | {"is_enabled": True}).headers["location"] + "/environments/production"
    assert client.post(f"{where}/{verbs[0]}", json={}).status_code == 422
    held = client.post(f"{where}/{verbs[0]}", json={"reason": "Orders fail"}).json()
    assert "Orders fail" in (held["kill_reason"], held["pause_reason"])
    ended = client.post(f"{where}/{verbs[1]}", json={"reason": "Fixed"}).json()
    assert (ended["killed_at"], ended["paused_at"]) == (None, None)


def test_overrides_who_has_it_and_why(signed_in, system):
    client, tenant = signed_in("super_admin"), make_tenant(system, "Acme")
    make_tenant(system, "Bolt")
    where = client.post(PATH, json=GRID | {"is_enabled": True}).headers["location"]
    own = f"{where}/environments/production/overrides/{tenant.id}"
    put = client.put(own, json={"variant": "on", "config": {"limit": 9}, "reason": "Pilot"})
    assert put.json()["tenant_id"] == str(tenant.id)
    assert [one["reason"] for one in client.get(f"{where}/overrides").json()["items"]] == ["Pilot"]
    rows = client.get(f"{where}/environments/production/tenants", params={"limit": 1}).json()
    assert [(one["tenant"], one["variant"]) for one in rows["items"]] == [("Acme", "on")]
    rows = client.get(f"{where}/environments/production/tenants", params={"cursor": rows["next"]}).json()
    assert [(one["tenant"], one["variant"]) for one in rows["items"]] == [("Bolt", "off")]
    why = client.post(f"{where}/evaluate", json={"context": {"tenant_id": str(tenant.id)}}).json()
    assert (why["value"], why["sentence"], why["config"]) == (True, "Overridden for this tenant.", {"limit": 9})
    assert why["context"]["plan"] == "pro"
    assert client.delete(own).status_code == 204
    assert client.delete(own).status_code == 404


def test_readers_change_nothing_and_strangers_see_nothing(client, signed_in, system):
    assert client.get(PATH).status_code == 401
    reader = signed_in("support")
    assert reader.get(PATH).status_code == 200
    assert reader.post(PATH, json=GRID).status_code == 403
    assert reader.get(f"{PATH}/{uuid4()}").status_code == 404
    assert reader.get(f"{PATH}/{uuid4()}/overrides").status_code == 404
    assert reader.get(f"{PATH}/{uuid4()}/environments/moon").status_code == 422
    assert reader.get(f"{PATH}/{uuid4()}/environments/production/tenants").status_code == 404


def test_a_key_made_twice_is_made_once(signed_in, raw):
    client = signed_in("super_admin")
    first, second = (client.post(PATH, json=GRID, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, second.status_code, second.json()) == (201, 201, first.json())
    assert raw("SELECT count(*) FROM flag")[0].count == 1
