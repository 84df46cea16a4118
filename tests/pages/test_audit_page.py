"""The audit page: what the filters in its address find."""

from core.customers.tenants import actions
from core.kernel.errors import Denied
from tests.core.customers.test_tenants import make

KEY = "access/audit"


def found(open_page, actor_of, **query: object) -> list[str]:
    app = open_page(actor_of("admin"), KEY, **query)
    assert not app.exception
    return list(app.dataframe[0].value["action"]) if app.dataframe else []


def test_filters_in_the_address_narrow_the_trail(open_page, actor_of, system):
    tenant = make(system, "Alpha")
    actions.suspend(actor_of("admin", name="Zoë Hart"), tenant.id, reason="Unpaid")
    try:
        actions.suspend(actor_of("support", name="Sam"), tenant.id, reason="Unpaid")
    except Denied:
        make(system, "Beta")
    both = ["tenants.create", "tenants.suspend", "tenants.suspend", "tenants.create"]
    assert found(open_page, actor_of) == both
    assert found(open_page, actor_of, who="zoë") == ["tenants.suspend"]
    assert found(open_page, actor_of, outcome="denied") == ["tenants.suspend"]
    assert found(open_page, actor_of, action="tenants.cr") == ["tenants.create"] * 2
    assert found(open_page, actor_of, id=str(tenant.id)) == ["tenants.suspend", "tenants.create"]
    assert found(open_page, actor_of, what="operator") == []
    assert found(open_page, actor_of, days=["2020-01-01", "2020-01-02"]) == []


def test_request_id_finds_what_one_request_did(open_page, actor_of, system):
    tenant = make(system, "Alpha")
    admin = actor_of("admin")
    actions.update(admin, tenant.id, version=1, region="APAC")
    assert found(open_page, actor_of, id=admin.request_id) == ["tenants.update"]
    assert found(open_page, actor_of, id="nothing-like-it") == []
