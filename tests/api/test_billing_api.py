"""Plans, subscriptions and invoices over the API: the same rules as the pages, and nothing twice."""

from uuid import uuid4

import pytest

from core.customers.subscriptions import actions
from core.customers.tenants.models import Tenant
from core.kernel.writes import write

BASE = "/api/v1/superadmin"


@pytest.fixture
def subscriber(db, system):
    """A tenant with the plan pro."""
    with write(system, "tenants.create") as tx:
        tenant = tx.add(Tenant(id=uuid4(), name="Acme", domain="acme.example", tier="free", region="EU", seats=80))
    actions.start(system, tenant.id, plan_key="pro", seats=80)
    return tenant


def test_a_change_is_previewed_confirmed_and_in_the_ledger(signed_in, subscriber):
    client, tenant = signed_in("admin"), subscriber
    url = f"{BASE}/subscriptions/{tenant.id}"
    shown = client.post(f"{url}/preview", json={"plan_key": "enterprise"}).json()
    assert shown["net"] == shown["charge"] - shown["unused"] and shown["mrr_after"] == 999
    wrong = client.patch(url, json={"plan_key": "enterprise", "expected_net": "1.00"})
    assert wrong.status_code == 409
    got = client.get(url)
    assert client.patch(url, json={"plan_key": "enterprise"}, headers={"If-Match": '"99"'}).status_code == 412
    body = {"plan_key": "enterprise", "expected_net": str(shown["net"])}
    done = client.patch(url, json=body, headers={"If-Match": got.headers["ETag"]})
    assert done.status_code == 200 and done.json()["plan_key"] == "enterprise"
    kinds = [row["kind"] for row in client.get(f"{url}/ledger").json()["items"]]
    assert kinds == ["new", "expansion"]
    assert client.post(f"{url}/cancel", json={"reason": "Budget"}).json()["cancels_at_period_end"] is True
    assert client.post(f"{url}/resume").json()["cancels_at_period_end"] is False
    listed = client.get(f"{BASE}/subscriptions", params={"plan_key": "enterprise"}).json()["items"]
    assert [row["tenant_id"] for row in listed] == [str(tenant.id)]
    many = client.post(f"{BASE}/subscriptions/change-many", json={"tenant_ids": [str(tenant.id)], "plan_key": "free"})
    assert many.json()["items"] == [{"tenant_id": str(tenant.id), "problem": None}]


def test_an_invoice_sent_twice_is_kept_once_and_paid(signed_in, subscriber):
    client = signed_in("admin")
    sent = {"tenant_id": str(subscriber.id), "external_id": "EXT-1", "issued_on": "2025-03-01", "tax": "19.00",
            "total": "119.00", "lines": [{"description": "Pro", "unit_price": "100.00"}]}  # fmt: skip
    first, again = client.post(f"{BASE}/invoices", json=sent), client.post(f"{BASE}/invoices", json=sent)
    assert (first.status_code, again.status_code) == (201, 200) and first.json()["id"] == again.json()["id"]
    assert client.post(f"{BASE}/invoices", json=sent | {"total": "118.00", "external_id": "EXT-2"}).status_code == 422
    assert client.post(f"{BASE}/invoices", json=sent | {"tax": "0.00", "total": "100.00"}).status_code == 409
    whole = client.get(f"{BASE}/invoices/{first.json()['id']}").json()
    assert whole["lines"][0]["amount"] == 100 and whole["is_overdue"] is True
    paid = client.post(f"{BASE}/invoices/{whole['id']}/pay", json={"paid_at": "2025-03-05T10:00:00Z"})
    assert paid.json()["status"] == "paid"
    text = f"external_id,tenant,issued_on,description,unit_price\nEXT-9,{subscriber.id},2025-04-01,Pro,5.00\n"
    dry = client.post(f"{BASE}/invoices/import", json={"csv": text, "dry_run": True}).json()["items"]
    assert (
        dry[0]["outcome"] == "new"
        and len(client.get(f"{BASE}/invoices", params={"search": "EXT-9"}).json()["items"]) == 0
    )
    client.post(f"{BASE}/invoices/import", json={"csv": text})
    assert len(client.get(f"{BASE}/invoices", params={"search": "EXT-9"}).json()["items"]) == 1


def test_plan_is_changed_with_a_reason_and_reading_roles_change_nothing(signed_in):
    admin = signed_in("admin")
    got = admin.get(f"{BASE}/plans/basic")
    changed = admin.patch(f"{BASE}/plans/basic", json={"price_monthly": "59.00", "reason": "2027"},
                          headers={"If-Match": got.headers["ETag"]})  # fmt: skip
    assert changed.json()["price_monthly"] == 59 and changed.json()["version"] == got.json()["version"] + 1
    assert [row["key"] for row in admin.get(f"{BASE}/plans").json()["items"]] == ["free", "basic", "pro", "enterprise"]
    support = signed_in("support_tier_1")
    assert support.get(f"{BASE}/plans").status_code == 200
    assert support.patch(f"{BASE}/plans/basic", json={"price_monthly": "1.00", "reason": "x"}).status_code == 403
    assert support.get(f"{BASE}/invoices").status_code == 403
