"""Finding the tenants' people: by name, address and id, within the actor's sight."""

import pytest

from core.customers.tenants import actions
from core.customers.users import queries
from core.customers.users.models import TenantUser
from core.kernel.writes import write
from tests.core.customers.test_tenants import make


@pytest.fixture
def zoe(db, system):
    tenant = make(system, "Acme")
    with write(system, "users.create") as tx:
        return tx.add(TenantUser(tenant_id=tenant.id, email="Zoe.Q@acme.example", name="Zoé Quinn"))


def test_search_finds_by_name_address_and_id(zoe, actor_of):
    for text in ("zoé", "ZOE.Q", f" {zoe.id} "):
        found = queries.search(actor_of("support"), text)
        assert list(found["tenant"]) == ["Acme"], text
    for text in ("", "%", "quinn", "_oe"):
        assert queries.search(actor_of("support"), text).empty, text


def test_search_stays_within_permission_and_scope(zoe, actor_of, system):
    assert queries.search(actor_of("hotline_operator"), "zoé").empty
    outsider = actor_of("client_success")
    assert queries.search(outsider, "zoé").empty
    actions.assign_operator(system, zoe.tenant_id, operator_id=outsider.operator_id)
    assert len(queries.search(outsider, "zoé")) == 1
