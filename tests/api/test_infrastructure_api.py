"""Dedicated infrastructure over HTTP: request, checklist, ready, violations."""

from core.kernel.actor import Actor
from tests.core.customers.test_tenants import make as make_tenant

HERE = "/api/v1/superadmin/infrastructure"
SYSTEM = Actor.system("test")


def request_one(client, tenant=None, **values):
    body = {
        "tenant_id": str((tenant or make_tenant(SYSTEM, tier="enterprise")).id),
        "provider": "aws",
        "region": "eu-central-1",
    } | values
    return client.post(HERE, json=body)


def test_the_life_of_a_record(signed_in):
    client = signed_in("admin")
    made = request_one(client, host="db-7.example", database_name="acme", cpus=8)
    assert (made.status_code, made.json()["agreement"], made.json()["storage_gb"]) == (201, "agrees", None)
    here = made.headers["location"]
    assert client.post(f"{here}/ready").status_code == 422
    assert client.post(f"{here}/start").json()["status"] == "provisioning"
    for step in client.get(f"{here}/steps").json()["items"]:
        change = {"state": "done", "evidence": "OPS-1"} if step["is_required"] else {"due_on": "2031-01-31"}
        done = client.patch(f"{HERE}/steps/{step['id']}", json=change, headers={"If-Match": '"1"'})
        assert (done.status_code, done.json()["due_on"]) == (200, change.get("due_on", step["due_on"])), done.text
    ready = client.post(f"{here}/ready").json()
    assert (ready["status"], ready["steps"], ready["steps_done"]) == ("ready", 9, 9)
    step = client.get(f"{here}/steps").json()["items"][0]
    assert client.get(f"{HERE}/steps/{step['id']}").headers["etag"] == '"2"'
    assert client.patch(f"{HERE}/steps/{step['id']}", json={"state": "open"}).status_code == 422
    assert client.patch(here, json={"cpus": 16}, headers={"If-Match": '"1"'}).status_code == 412
    assert client.post(f"{here}/retire", json={"reason": "Moved"}).json()["retirement_reason"] == "Moved"
    assert [one["status"] for one in client.get(HERE, params={"status": "retired"}).json()["items"]] == ["retired"]


def test_violations_say_since_when_by_whom_and_how_to_settle(signed_in):
    client, tenant = signed_in("admin"), make_tenant(SYSTEM, "Acme", region="APAC", tier="enterprise")
    made = request_one(client, tenant).json()
    assert made["agreement"] == "violates"
    found = client.get(f"{HERE}/violations").json()["items"]
    assert [(one["tenant"], one["caused_by_name"], one["settled_at"]) for one in found] == [("Acme", "admin", None)]
    assert "ap-" in found[0]["ways_to_settle"][0] and len(found[0]["ways_to_settle"]) == 3
    assert client.patch(f"{HERE}/{made['id']}", json={"region": "ap-south-1"}).json()["agreement"] == "agrees"
    assert client.get(f"{HERE}/violations").json()["items"] == []
    assert client.get(f"{HERE}/violations", params={"settled": True}).json()["items"][0]["ways_to_settle"] == []


def test_secrets_never_come_in(signed_in):
    client = signed_in("admin")
    refused = request_one(client, host="postgres://root:hunter2@db.example")
    assert (refused.status_code, "hunter2" in refused.text) == (422, False)
    assert "secret store" in refused.json()["errors"]["host"]
    assert request_one(client, notes="password=hunter2").status_code == 422
    made = request_one(client).json()
    assert client.post(f"{HERE}/{made['id']}/retire", json={"reason": "pwd: hunter2"}).status_code == 422
    assert signed_in("support").post(HERE, json={}).status_code in (403, 422)
    assert request_one(signed_in("support_admin")).status_code == 403
