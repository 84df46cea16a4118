"""Campaigns over HTTP: the product tells of them, by a key of its own."""

import pytest

from core.customers.tenants import actions as tenants
from core.platform.keys import actions as keys
from tests.core.customers.test_tenants import make

PATH = "/api/v1/campaigns"
SPRING = {"name": "Spring newsletter", "status": "running"}
SCOPES = ["campaigns:read", "campaigns:create", "campaigns:update"]


@pytest.fixture
def tenant(db, system):
    return make(system, "Acme")


@pytest.fixture
def product(client, system, tenant):
    """The product with a key that is bound to the tenant."""
    issued = keys.create(system, name="Product", mode="live", scopes=SCOPES, tenant_id=tenant.id)
    client.headers["Authorization"] = f"Bearer {issued.key}"
    return client


def test_product_tells_of_its_campaigns_without_naming_its_tenant(product, tenant, raw):
    made = product.put(f"{PATH}/cmp-1", json=SPRING)
    assert (made.status_code, made.json()["tenant_id"], made.json()["status"]) == (200, str(tenant.id), "running")
    changed = product.put(f"{PATH}/cmp-1", json=SPRING | {"status": "finished"})
    assert (changed.json()["id"], changed.headers["etag"]) == (made.json()["id"], '"2"')
    assert [one["external_id"] for one in product.get(PATH, params={"status": "finished"}).json()["items"]] == ["cmp-1"]
    assert product.get(PATH, params={"status": "running"}).json() == {"items": [], "next": None}
    assert raw("SELECT channel FROM audit_entry WHERE action = 'campaigns.put' LIMIT 1")[0].channel == "api"


def test_key_of_one_tenant_reaches_no_other(product, tenant, system):
    other = make(system, "Other")
    assert product.put(f"{PATH}/cmp-1", json=SPRING | {"tenant_id": str(other.id)}).status_code == 404


def test_key_of_a_suspended_tenant_is_refused_and_the_platform_s_learns_that_it_is_held(signed_in, tenant, system):
    tenants.suspend(system, tenant.id, reason="Unpaid")
    answer = signed_in("admin").put(f"{PATH}/cmp-1", json=SPRING | {"tenant_id": str(tenant.id)})
    assert (answer.json()["status"], answer.json()["paused_by_suspension"]) == ("paused", True)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"status": "gone"}, "status"), ({"name": ""}, "name"), ({"extra": 1}, "extra"), ({}, "tenant_id")],
)
def test_bad_input_names_the_field(signed_in, tenant, change, field):
    body = SPRING | ({"tenant_id": str(tenant.id)} if change else {}) | change
    answer = signed_in("admin").put(f"{PATH}/cmp-1", json=body)
    assert answer.status_code == 422
    assert field in answer.json()["errors"]


def test_reader_may_look_and_not_tell(signed_in, tenant):
    reader = signed_in("support")
    assert reader.put(f"{PATH}/c", json=SPRING | {"tenant_id": str(tenant.id)}).status_code == 403
    assert reader.get(PATH).status_code == 200
