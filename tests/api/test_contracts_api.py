"""Contracts over HTTP: from the draft to the renewal, documents, invoices."""

import base64
from datetime import timedelta

from core.customers.contracts import invoicing, renewals
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from tests.core.customers.contracts.making import TIERS, running
from tests.core.customers.test_tenants import make as make_tenant

HERE = "/api/v1/superadmin/contracts"
SYSTEM = Actor.system("test")


def day(days=0):
    return str(utc_now().date() + timedelta(days=days))


def test_the_life_of_a_contract(signed_in):
    client, tenant = signed_in("admin"), make_tenant(SYSTEM, "Zebra")
    body = {
        "tenant_id": str(tenant.id), "starts_on": day(-30), "annual_value": "120000.00", "time_zone": "Europe/Berlin",
        "credit_tiers": TIERS, "limits": {"api_calls": 5_000_000, "messages": None},
    }  # fmt: skip
    assert client.post(HERE, json=body | {"uptime_target": "99.9"}).json()["errors"].keys() == {"credit_tiers"}
    made = client.post(HERE, json=body, headers={"Idempotency-Key": "one"})
    assert (made.status_code, made.json()["status"], made.json()["uptime_target"]) == (201, "draft", 99.95)
    assert made.json()["limits"] == {"api_calls": "5000000", "messages": None}
    assert client.post(HERE, json=body, headers={"Idempotency-Key": "one"}).json()["id"] == made.json()["id"]
    here = made.headers["location"]
    active = client.post(f"{here}/activate", headers={"If-Match": '"1"'})
    assert (active.json()["status"], active.headers["etag"]) == ("active", '"2"')
    assert client.post(f"{here}/amend", json={"annual_value": "1"}).status_code == 422
    change = {"annual_value": "150000", "latency_p99_ms": None, "reason": "More seats"}
    assert client.post(f"{here}/amend", json=change, headers={"If-Match": '"1"'}).status_code == 412
    amended = client.post(f"{here}/amend", json=change).json()
    assert (amended["version_number"], amended["annual_value"], amended["latency_p99_ms"], amended["uptime_target"]) == (
        2, 150000, None, 99.95
    )  # fmt: skip
    assert [one["number"] for one in client.get(f"{here}/versions").json()["items"]] == [2, 1]
    assert client.patch(here, json={"account_executive": "Zoe"}).json()["account_executive"] == "Zoe"
    assert client.post(f"{here}/start-renewal").json()["status"] == "renewing"
    following = client.post(f"{here}/renew", json={"term_months": 24})
    assert (following.status_code, following.json()["annual_value"], following.json()["term_months"]) == (
        201,
        150000,
        24,
    )
    assert client.get(here).json()["status"] == "renewed"
    last = {"reason": "Merger", "ended_on": following.json()["starts_on"]}
    ended = client.post(f"{following.headers['location']}/terminate", json=last)
    assert ended.json()["termination_reason"] == "Merger"
    listed = client.get(HERE, params={"search": "zeb", "status": "renewed"}).json()["items"]
    assert [one["id"] for one in listed] == [made.json()["id"]]
    assert client.get(HERE, params={"limit": 1}).json()["next"]


def test_figures_renewals_and_tasks(signed_in):
    client = signed_in("admin")
    contract = running(SYSTEM, starts_on=utc_now().date() - timedelta(days=345))
    renewals.plan_tasks(SYSTEM)
    told = client.get(f"{HERE}/summary").json()
    assert told["currencies"] == [{"currency": "USD", "active": 1, "arr": 120000, "average_value": 120000}]
    assert (told["renewal_rate"], told["renewals_30_days"]) == (None, 1)
    found = client.get(f"{HERE}/renewals").json()["items"][0]
    assert (found["id"], found["is_urgent"], found["open_tasks"]) == (str(contract.id), True, 3)
    task = client.get(f"{HERE}/tasks", params={"contract_id": str(contract.id)}).json()["items"][0]
    here = f"{HERE}/tasks/{task['id']}"
    done = client.patch(here, json={"is_done": True, "note": "By call"}, headers={"If-Match": '"1"'})
    assert (done.json()["done_by_name"], done.json()["note"]) == ("admin", "By call")
    assert client.patch(here, json={"is_done": False}, headers={"If-Match": '"1"'}).status_code == 412
    assert len(client.get(f"{HERE}/tasks").json()["items"]) == 2


def test_documents_and_invoices(signed_in, raw):
    client = signed_in("admin")
    contract = running(SYSTEM)
    invoicing.invoice_due(SYSTEM)
    here, content = f"{HERE}/{contract.id}", b"%PDF-1.7\n%signed\n"
    sent = {"name": "Agreement.pdf", "content": base64.b64encode(content).decode()}
    made = client.post(f"{here}/documents", json=sent)
    assert (made.status_code, made.json()["media_type"]) == (201, "application/pdf")
    got = client.get(made.headers["location"])
    assert (got.content, got.headers["content-type"]) == (content, "application/octet-stream")
    assert client.post(f"{here}/documents", json=sent | {"content": "A"}).status_code == 422
    assert client.post(f"{made.headers['location']}/remove", json={"reason": "Wrong"}).status_code == 204
    assert client.get(f"{here}/documents").json()["items"] == []
    period = client.get(f"{here}/schedule").json()["items"][0]
    assert (period["fee"], period["status"]) == (120000, "open")
    invoice = client.get(f"/api/v1/superadmin/invoices/{period['invoice_id']}").json()
    assert (invoice["source"], invoice["contract_id"]) == ("contract", str(contract.id))
    assert client.get(f"/api/v1/superadmin/invoices/{period['invoice_id']}/pdf").content.startswith(b"%PDF-")
    assert signed_in("support").get(HERE).status_code == 403
