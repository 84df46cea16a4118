"""Settings of tenants over the API: what counts with its ETag, overrides with theirs, and who may not."""

from core.customers.configuration import actions
from core.kernel.actor import Actor
from tests.core.customers.test_tenants import make

BASE, KEY = "/api/v1/superadmin", "api.calls_per_minute"


def test_catalogue_and_effective_values_with_etag(signed_in, system):
    tenant = make(system, tier="pro")
    caller = signed_in("admin")
    settings = {one["key"]: one for one in caller.get(f"{BASE}/configuration/settings").json()["items"]}
    assert settings["data.retention_days"]["control"] == "limited"
    path = f"{BASE}/tenants/{tenant.id}/configuration"
    first = caller.get(path)
    assert set(first.json()["settings"]) == set(settings)
    assert first.json()["settings"][KEY] == {"value": 600, "source": "plan", "is_set": True}
    known = {"If-None-Match": first.headers["ETag"]}
    assert caller.get(path, headers=known).status_code == 304
    actions.set_override(system, tenant.id, KEY, value=900, reason="Test")
    assert caller.get(path, headers=known).json()["settings"][KEY]["value"] == 900


def test_override_is_set_changed_against_its_version_and_cleared(signed_in, system):
    tenant = make(system)
    caller = signed_in("admin")
    path = f"{BASE}/tenants/{tenant.id}/configuration/{KEY}"
    none = caller.get(path)
    assert (none.json()["source"], none.headers["ETag"]) != ("override", '"1"')
    made = caller.put(path, json={"value": 900, "reason": "Load test"}, headers={"If-Match": none.headers["ETag"]})
    assert (made.status_code, made.json()["value"], made.headers["ETag"]) == (200, 900, '"1"')
    late = caller.put(path, json={"value": 901, "reason": "Load test"}, headers={"If-Match": '"0"'})
    assert late.status_code == 412
    assert caller.delete(path, params={"reason": "Over"}).status_code == 428
    assert caller.delete(path, params={"reason": "Over"}, headers={"If-Match": '"1"'}).status_code == 204
    assert caller.get(path).json()["version"] == 0


def test_problems_say_what_is_wrong(signed_in, system):
    tenant = make(system)
    caller = signed_in("admin")
    path = f"{BASE}/tenants/{tenant.id}/configuration"
    limited = caller.put(f"{path}/data.retention_days", json={"value": 365, "reason": "Policy"})
    assert (limited.status_code, "second person" in limited.json()["detail"]) == (403, True)
    assert caller.put(f"{path}/{KEY}", json={"value": -1, "reason": "No"}).status_code == 422
    assert caller.put(f"{path}/no.such", json={"value": 1, "reason": "No"}).status_code == 404
    assert (
        caller.get(f"{BASE}/tenants/{system.request_id[:8]}-0000-4000-8000-000000000000/configuration").status_code
        == 404
    )


def test_requests_are_listed_and_secrets_are_not(signed_in, system, actor_of):
    tenant = make(system)
    asks: Actor = actor_of("support_tier_2")
    actions.propose(asks, tenant.id, "sign_in.scim_token", value="s3cret" * 5, reason="Directory")
    answer = signed_in("support").get(f"{BASE}/configuration/requests", params={"outcome": "waiting"})
    assert [(one["key"], one["value"]) for one in answer.json()["items"]] == [("sign_in.scim_token", None)]
    assert "s3cret" not in answer.text


def test_those_without_the_right_are_refused(signed_in, system):
    tenant = make(system)
    caller = signed_in("developer")
    path = f"{BASE}/tenants/{tenant.id}/configuration"
    assert caller.get(path).status_code == 403
    assert caller.put(f"{path}/{KEY}", json={"value": 5, "reason": "No"}).status_code == 403
