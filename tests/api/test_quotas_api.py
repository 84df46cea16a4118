"""Quotas over the API: the same rights, the same sentences."""

from datetime import timedelta

from core.customers.quotas import actions, measuring
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from tests.core.customers.quotas import given

SYSTEM = Actor.system("test")
PATH = "/api/v1/superadmin"


def test_product_asks_and_is_told_what_it_may_do(signed_in, db):
    now = utc_now()
    acme = given.tenant("basic", people=2)
    given.calls(acme, now, 100_000)
    measuring.measure(SYSTEM, now=now)
    client = signed_in("support")
    listed = {row["resource"]: row for row in client.get(f"{PATH}/tenants/{acme}/quotas").json()["items"]}
    assert listed["api_calls"]["ratio"] == 1
    assert listed["messages"]["used"] is None
    answer = client.get(f"{PATH}/tenants/{acme}/quotas/api_calls/decision").json()
    assert (answer["decision"], answer["limit"], answer["used"], answer["remaining"]) == (
        "throttled",
        100_000,
        100_000,
        0,
    )
    assert answer["rate_limit"] == f'"api_calls";r=0;t={answer["retry_after_s"]}'
    assert answer["rate_limit_policy"].startswith('"api_calls";q=100000;w=2')
    standing = client.get(f"{PATH}/tenants/{acme}/quotas/users/decision", params={"amount": "9"}).json()
    assert (standing["decision"], standing["resets_at"], standing["rate_limit"]) == ("allowed", None, None)
    near = client.get(f"{PATH}/quotas", params={"resource": "api_calls"}).json()["items"]
    assert [(row["tenant_id"], row["ratio"]) for row in near] == [(str(acme), 1)]
    refused = client.put(f"{PATH}/tenants/{acme}/quotas/users/override", json={"limit": 9, "reason": "x"})
    assert refused.status_code == 403
    assert client.get(f"{PATH}/tenants/{acme}/quotas/beer/decision").status_code == 422


def test_override_is_set_confirmed_and_cleared(signed_in, db, raw):
    acme = given.tenant("pro", people=5)
    measuring.measure(SYSTEM)
    client, path = signed_in("admin"), f"{PATH}/tenants/{acme}/quotas/users/override"
    ends = (utc_now() + timedelta(days=3)).isoformat()
    wanted = {"limit": 4, "reason": "Abuse", "expires_at": ends}
    problem = client.put(path, json=wanted)
    assert (problem.status_code, problem.json()["type"]) == (422, "urn:quarterdeck:confirmation_needed")
    made = client.put(path, json=wanted | {"is_confirmed": True}, headers={"If-Match": '"0"'})
    assert (made.json()["limit_value"], made.headers["etag"]) == (4, '"1"')
    assert client.put(path, json=wanted, headers={"If-Match": '"0"'}).status_code == 412
    assert client.delete(path, params={"reason": "Done"}, headers={"If-Match": '"1"'}).status_code == 204
    assert raw("SELECT count(*) FROM tenant_quota")[0].count == 0


def test_upgrade_is_asked_for_and_decided_by_somebody_else(signed_in, db):
    acme = given.tenant("pro", people=5)
    client = signed_in("admin")
    asked = client.post(f"{PATH}/tenants/{acme}/quotas/users/upgrade", json={"reason": "They grow"})
    assert (asked.status_code, asked.json()["to_plan"]) == (201, "enterprise")
    assert client.post(f"{PATH}/quotas/upgrades/{asked.json()['id']}/approve").status_code == 403
    assert client.post(f"{PATH}/quotas/upgrades/{asked.json()['id']}/withdraw").json()["outcome"] == "withdrawn"
    other = actions.request_upgrade(SYSTEM, acme, "users", reason="The quota is used up")
    waiting = client.get(f"{PATH}/quotas/upgrades").json()["items"]
    assert [row["id"] for row in waiting] == [str(other.id)]
    done = client.post(f"{PATH}/quotas/upgrades/{other.id}/reject", json={"reason": "Not now"})
    assert (done.json()["outcome"], done.json()["decision_reason"]) == ("rejected", "Not now")
